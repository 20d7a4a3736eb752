"""The READMEs: commands work, settings and words are complete, both languages say the same."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pan123_tui.cli.commands import LazyGroup, program
from pan123_tui.config.schema import manual_table
from pan123_tui.config.settings import VARIABLES
from pan123_tui.i18n import set_language
from pan123_tui.wording.formats import task_labels
from tests.service.scenarios import WORDS

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")
WORDS_HEADINGS = ("Words of the screen", "界面术语")
MAX_LINES = 200
BOTH = pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
EACH = pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "README.zh-CN.md",
        "pan123_tui/README.md",
        "tests/service/README.md",
        "tests/README.md",
    ],
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_WORD = re.compile(r"[^\s|;&`)\"']+")
_COMMENT = re.compile(r"^# .*\n| +# .*", re.MULTILINE)
_MODULE = re.compile(r"python -m ([\w.]+)")
_ROW = re.compile(r"\||- |  - |\d\. ")
_TEST_FILE = re.compile(r"`(tests/\w+/[\w/]*\.py)`")


def sections(text: str) -> list[tuple[str, str]]:
    """Return the level-two sections as (heading, body), the text before them first."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]


def blocks(text: str) -> list[str]:
    return [body for _language, body in _BLOCK.findall(text)]


def rows(text: str) -> list[str]:
    """Return the rows of the tables and the items of the lists."""
    return [line for line in text.splitlines() if _ROW.match(line)]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words after each `pan123-tui`, up to a pipe, an end or a comment."""
    sources = [*_SPAN.findall(_BLOCK.sub("", text)), *"\n".join(blocks(text)).splitlines()]
    for source in sources:
        for found in re.finditer(r"(?:^|[\s(])pan123-tui((?: [^|;&#)]*)?)", source):
            yield _WORD.findall(found[1])


def context() -> click.Context:
    return click.Context(program, info_name="pan123-tui")


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in option.opts} | {"--help", "-h"}


@BOTH
def test_every_command_and_option_named_exists(text: str) -> None:
    assert isinstance(program, LazyGroup)
    checked = 0
    for words in commands(text):
        command: click.Command = program
        if words and not words[0].startswith(("-", "…")) and words[0] not in ("FILE", "update"):
            found = program.get_command(context(), words[0])
            assert found is not None, words
            command = found
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= options_of(command), words
        checked += 1
    assert checked > 10


@BOTH
def test_the_table_of_commands_names_all_of_them_and_their_options(text: str) -> None:
    assert isinstance(program, LazyGroup)
    listed = [re.split(r"(?<!\\)\|", row) for row in rows(text) if row.startswith("| `pan123-tui")]
    for name in program.list_commands(context()):
        command = program.get_command(context(), name)
        assert command is not None
        row = next((row for row in listed if re.search(rf"`[^`]*\b{name}\b", row[1])), None)
        assert row is not None, f"{name} is not in the table"
        if f"`pan123-tui {name}" in row[1]:
            named = {option for option in _SPAN.findall(row[2]) if option.startswith("--")}
            assert named <= options_of(command), name


@BOTH
def test_the_first_commands_have_a_way_past_an_externally_managed_python(text: str) -> None:
    first = blocks(text)[0].splitlines()
    managed = next(n for n, line in enumerate(first) if "externally-managed-environment" in line)
    ways = [line for line in first[managed:] if not line.startswith("#")]
    assert ways == [
        "pipx run uv run pan123-tui --demo",
        "python3 -m venv ~/.uv && ~/.uv/bin/pip install uv && ~/.uv/bin/uv run pan123-tui --demo",
    ]


def test_the_readme_is_short() -> None:
    assert len(ENGLISH.splitlines()) <= MAX_LINES


@EACH
def test_every_module_that_is_run_is_there(file: str) -> None:
    for module in _MODULE.findall((ROOT / file).read_text("utf-8")):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@EACH
def test_every_picture_and_file_that_is_linked_is_there(file: str) -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", (ROOT / file).read_text("utf-8"))
    files = [link for link in linked if "://" not in link]
    assert files
    assert [link for link in files if not ((ROOT / file).parent / link).exists()] == []


@BOTH
def test_every_section_that_is_linked_is_there(text: str) -> None:
    headings = {heading.lower().replace(" ", "-") for heading, _body in sections(text)}
    linked = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert linked
    assert linked <= headings


def test_every_promise_names_tests_that_are_there() -> None:
    text = (ROOT / "tests/README.md").read_text("utf-8")
    promises = [row for row in rows(text) if row.startswith("|") and ".py`" in row]
    assert len(promises) >= 12
    named = [file for row in promises for file in _TEST_FILE.findall(row)]
    assert sum(row.count(".py`") for row in promises) == len(named)
    assert [file for file in named if not (ROOT / file).exists()] == []


@pytest.mark.parametrize(
    "line",
    [
        "--version",
        "--help",
        "list",
        "list --json",
        "list --tsv",
        "list --state failed",
        "add https://example.com/a.iso --dry-run",
        "export",
        "export --failed",
        "doctor --offline",
        "completions bash",
        "completions zsh",
        "completions fish",
    ],
)
def test_a_command_that_needs_no_account_works(line: str, tmp_path: Path) -> None:
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    words = shlex.split(line)
    command = [sys.executable, "-m", "pan123_tui", *words]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("language", "file"), [("en", "settings.md"), ("zh", "settings.zh-CN.md")], ids=["en", "zh"]
)
def test_every_setting_is_explained_as_the_program_knows_it(language: str, file: str) -> None:
    set_language(language)
    try:
        table = manual_table()
    finally:
        set_language("en")
    text = (ROOT / "docs" / file).read_text("utf-8")
    assert text[text.index("|") :] == table, "paste what schema.manual_table() returns"


def test_every_variable_is_explained() -> None:
    named = set(_SPAN.findall(dict(sections(ENGLISH))["Configuration"]))
    assert not [name for name in VARIABLES.values() if name not in named]


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("zh", CHINESE)], ids=["en", "zh"])
def test_every_state_of_a_row_is_explained(language: str, text: str) -> None:
    set_language(language)
    try:
        labels = task_labels()
    finally:
        set_language("en")
    words = next(body for heading, body in sections(text) if heading in WORDS_HEADINGS)
    assert [label for label in labels if f"*{label}*" not in words] == []


def test_every_word_of_the_simulator_is_explained() -> None:
    text = (ROOT / "tests/service/README.md").read_text("utf-8")
    table = [row.strip("| ").split(" | ") for row in rows(text) if row.startswith("| `")]
    assert {", ".join(_SPAN.findall(words)): does for words, does in table} == WORDS


def pairs() -> Iterator[tuple[str, str, str]]:
    """Yield each section as (Chinese heading, English text, Chinese text)."""
    english, chinese = sections(ENGLISH), sections(CHINESE)
    for (_heading, ours), (heading, theirs) in zip(english, chinese, strict=True):
        yield heading, ours, theirs


def test_the_chinese_readme_runs_the_same_commands() -> None:
    for heading, english, chinese in pairs():
        ours, theirs = (
            [_COMMENT.sub("", block) for block in blocks(it)] for it in (english, chinese)
        )
        assert ours == theirs, heading


def test_the_tables_and_lists_of_both_have_the_same_rows() -> None:
    for heading, english, chinese in pairs():
        ours, theirs = rows(english), rows(chinese)
        assert len(ours) == len(theirs), heading
        for row, its_like in zip(ours, theirs, strict=True):
            assert sorted(_SPAN.findall(row)) == sorted(_SPAN.findall(its_like)), heading


def test_both_name_the_same_keys_and_files_in_each_section() -> None:
    for heading, english, chinese in pairs():
        theirs = set(_SPAN.findall(_BLOCK.sub("", chinese)))
        ours = set(_SPAN.findall(_BLOCK.sub("", english)))
        assert theirs - {"PAN123_LANG=zh", "--lang zh"} == ours, heading
