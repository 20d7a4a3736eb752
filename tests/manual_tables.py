"""The tables of the manual that repeat the program: `python -m tests.manual_tables`.

Run so, it writes them into the pages of both languages, between `<!-- name -->` and `<!-- end -->`;
with `--check` it prints the pages that it would change. A last cell for which the program has no
text is written by hand, and kept.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import click
import msgspec
from textual.binding import Binding

from pan123_tui.cli.program import program
from pan123_tui.config.schema import SETTINGS
from pan123_tui.domain.filter import FIELD_WORDS
from pan123_tui.i18n import LANGUAGES, _, join_sentences, key_name, language, with_parenthetical
from pan123_tui.manual import PAGES, page_file
from pan123_tui.ui.dashboard.actions import ACTIONS
from pan123_tui.ui.dashboard.screen import known_bindings
from pan123_tui.ui.dialogs.actions import GROUPS

_MARKED = re.compile(r"(<!-- (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_CELLS = re.compile(r"(?<!\\)\|")
_NONE = "–"


class Part(NamedTuple):
    """A table, with what stands above it."""

    rows: Sequence[Sequence[str]]
    heading: str = ""
    text: str = ""


def _drawn(parts: Iterator[Part], before: str) -> str:
    """Draw `parts` with the heading row of the table that was there `before`."""
    lines = [line for line in before.splitlines() if line.startswith("|")]
    by_hand = {cells[1]: cells[-2] for cells in map(_CELLS.split, lines[2:])}
    blocks: list[str] = []
    for part in parts:
        table = lines[:2] if part.rows else []
        for *cells, last in part.rows:
            kept = by_hand.get(f" {cells[0]} ", "").strip()
            table.append(f"| {' | '.join((*cells, last or kept))} |")
        blocks += filter(
            None, (part.heading and f"### {part.heading}", part.text, "\n".join(table))
        )
    return "\n\n".join(blocks) + "\n"


def _keys() -> Iterator[Part]:
    """Yield the keys by group; several actions that say the same are one row."""
    known: dict[str, Binding] = {}
    for binding in chain((it.binding for it in ACTIONS.values()), known_bindings()):
        if binding.description:
            known.setdefault(binding.id or "", binding)
    groups: dict[str, dict[str, list[str]]] = {heading: {} for heading in GROUPS.values()}
    for name, binding in known.items():
        group = GROUPS.get(name.partition(".")[0], GROUPS[""])
        groups[group].setdefault(_text_of(binding), []).append(name)
    for heading, rows in groups.items():
        table = []
        for text, ids in rows.items():
            keys = [key for name in ids for key in known[name].key.split(",") if key]
            table.append((_spans(dict.fromkeys(map(key_name, keys))) or _NONE, text, _spans(ids)))
        if table:
            yield Part(table, _(heading))


def _text_of(binding: Binding) -> str:
    words, text = _(binding.description), _(binding.tooltip or binding.description)
    shown = text if binding.key or text == words else with_parenthetical(words, text)
    return shown[:1].upper() + shown[1:]


def _fields() -> Iterator[Part]:
    yield Part([(f"`{name}`", f"`{chinese}`", "") for name, chinese in FIELD_WORDS.items()])


def _settings() -> Iterator[Part]:
    overrides = {"en": "`{}` overrides it.", "zh_CN": "设置了 `{}` 时以它为准。"}[language()]
    rows = []
    for key, field in SETTINGS.items():
        value, about = msgspec.json.encode(field.default).decode(), field.about
        more = overrides.format(about.variable) if about.variable else ""
        default = "" if field.default is None else f"`{value}`"
        rows.append((f"`{key}`", default, field.wanted(), join_sentences(_(about.meaning), more)))
    yield Part(rows)


def _commands() -> Iterator[Part]:
    context = click.Context(program, info_name="pan123-tui")
    assert isinstance(program, click.Group)
    for name in program.commands:
        command = program.get_command(context, name)
        assert command is not None
        own = click.Context(command, info_name=name, parent=context)
        rows = []
        for option in command.params:
            if (
                isinstance(option, click.Option)
                and not option.hidden
                and "--help" not in option.opts
            ):
                takes = "" if option.is_flag else f" {option.make_metavar(own)}"
                text = (option.help or "").replace("|", "\\|")
                rows.append((_spans([", ".join(option.opts) + takes]), text))
        text = (command.help or "").partition("\n\n")[0]
        usage = " ".join(("pan123-tui", name, *command.collect_usage_pieces(own)[1:]))
        yield Part(rows, f"`{usage}`", text)


def _spans(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words).replace("|", "\\|")


TABLES: Mapping[str, Callable[[], Iterator[Part]]] = {
    "keys": _keys,
    "fields": _fields,
    "settings": _settings,
    "commands": _commands,
}


def write(*, is_check: bool) -> None:
    """Write the tables into the pages of the current language, and print which pages change."""
    for file in map(page_file, PAGES):
        text = file.read_text("utf-8")
        new = _MARKED.sub(lambda it: it[1] + _drawn(TABLES[it[2]](), it[3]) + it[4], text)
        if new != text:
            print(file.relative_to(file.parents[1]))
            if not is_check:
                file.write_text(new, "utf-8")


_IN_ITS_LANGUAGE = """
import sys
from pan123_tui.i18n import set_language
set_language(sys.argv[1])  # first: the texts of the command line are translated on import
from tests.manual_tables import write
write(is_check="--check" in sys.argv)
"""


def main(arguments: Sequence[str]) -> None:
    """Write or check the pages of each language, in a process of its own."""
    for name in LANGUAGES:
        subprocess.run([sys.executable, "-c", _IN_ITS_LANGUAGE, name, *arguments], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
