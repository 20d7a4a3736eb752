"""The Chinese catalogue: complete, current, and with every placeholder in its place."""

import ast
import re
import string
from collections.abc import Iterator
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from pan123_tui.domain.filter import STATE_WORDS

PACKAGE = Path(__file__).parents[2] / "pan123_tui"
FILE = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "ngettext": (1, 2)}
UPDATE = (
    "Run:\n  uv run pybabel extract -k _ -k N_ -k ngettext:1,2 --no-location --sort-output"
    " -o messages.pot pan123_tui\n  uv run pybabel update -i messages.pot -d pan123_tui/locale"
    " -w 100 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date\n"
    "then translate what is empty"
)
COMPILE = "Run: uv run pybabel compile -d pan123_tui/locale"


@lru_cache
def source_messages() -> frozenset[str]:
    """Every text that the source marks, a plural one by its singular."""
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    texts = (message for _file, _line, message, _comments, _context in found)
    return frozenset(text[0] if isinstance(text, tuple) else text for text in texts)


@lru_cache
def catalogue() -> Catalog:
    with FILE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def messages() -> Iterator[Message]:
    yield from (message for message in catalogue() if message.id)


def singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else str(message.id)


def forms(message: Message) -> list[str]:
    texts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return [str(text) for text in texts]


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_every_text_of_the_program_is_translated() -> None:
    translated = {singular(message) for message in messages() if all(forms(message))}
    assert not sorted(source_messages() - translated), UPDATE


def test_the_catalogue_holds_no_text_that_the_program_does_not_use() -> None:
    assert not sorted({singular(message) for message in messages()} - source_messages()), UPDATE


def test_the_words_of_filters_are_those_of_the_screens() -> None:
    shown = {singular(message): forms(message)[0] for message in messages()}
    for word in STATE_WORDS.keys() & shown.keys():
        assert STATE_WORDS[word] == shown[word]


def test_no_translation_is_only_a_guess() -> None:
    assert not [message.id for message in messages() if message.fuzzy]


def test_every_translation_has_the_placeholders_of_its_text() -> None:
    wrong = []
    for message in messages():
        texts = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        needed = set.intersection(*(placeholders(str(text)) for text in texts))
        known = set.union(*(placeholders(str(text)) for text in texts))
        wrong += [form for form in forms(message) if not needed <= placeholders(form) <= known]
    assert not wrong


def test_a_translation_ends_as_its_text_does() -> None:
    """A full stop, a colon or a blank that is lost shows where texts are put together."""
    pairs = {".": "。", ":": "：", "?": "？", " ": " "}
    wrong = [
        form
        for message in messages()
        for form in forms(message)
        if (end := pairs.get(singular(message)[-1])) and form[-1:] != end
    ]
    assert not wrong


def test_chinese_is_written_with_chinese_punctuation() -> None:
    between = re.compile(r"[\u4e00-\u9fff][,;:?!.](?=[\u4e00-\u9fff]|$)")
    quoted_names = ("来自:离线下载",)
    texts = [form for message in messages() for form in forms(message)]
    for name in quoted_names:
        texts = [text.replace(name, "") for text in texts]
    assert not [text for text in texts if between.search(text)]


def test_the_compiled_catalogue_equals_the_source() -> None:
    """Screens use the compiled file; a stale one would go unnoticed."""
    file = FILE.with_suffix(".mo")
    assert file.exists(), COMPILE
    with file.open("rb") as compiled:
        said = GNUTranslations(compiled)
    for message in messages():
        if isinstance(message.id, (tuple, list)):
            heard = said.ngettext(message.id[0], message.id[1], 2)
        else:
            heard = said.gettext(str(message.id))
        assert heard == forms(message)[0], COMPILE


# What the screens say without asking gettext

_SHOWN_BY = frozenset({"notify", "Static", "Label", "Button", "echo", "Piece", "append", "Content"})
"""Calls that show a text to the user."""
_SHOWN_AS = frozenset(
    {"placeholder", "border_title", "border_subtitle", "tooltip", "help", "short_help", "epilog"}
    | {"title", "label", "prompt", "description"}
)
_NO_TEXT = frozenset({"taskID", "https://", "pan123-tui: "})
_STYLE = re.compile(r"\$[\w-]+$")
_WORD = re.compile(r"[^\W\d_]{2,}")


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Return the texts in `node` that no call changes or translates."""
    if isinstance(node, ast.Call):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _literals(child)


def _shown(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in _SHOWN_BY and node.args:
                yield from _literals(node.args[0])
            for keyword in node.keywords:
                if keyword.arg in _SHOWN_AS:
                    yield from _literals(keyword.value)
            if name == "Binding" and len(node.args) > 2:
                yield from _literals(node.args[2])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in _SHOWN_AS:
            yield from _literals(node.value)


def _untranslated(source: str) -> list[str]:
    texts = [str(node.value) for node in _shown(ast.parse(source))]
    return [
        text
        for text in texts
        if text not in _NO_TEXT and _WORD.search(text) and not _STYLE.match(text)
    ]


SCREENS = sorted([*(PACKAGE / "ui").rglob("*.py"), *(PACKAGE / "cli").rglob("*.py")])


@pytest.mark.parametrize("file", SCREENS, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_text_reaches_a_screen_without_gettext(file: Path) -> None:
    assert not _untranslated(file.read_text("utf-8"))
