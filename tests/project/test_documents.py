"""READMEs and manual: both languages say the same, and what they name exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pan123_tui.cli.listing import document
from pan123_tui.cli.program import program
from pan123_tui.config.settings import VARIABLES
from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.filter import parse
from pan123_tui.domain.selection import parse_selection
from pan123_tui.domain.task import Shown, Task, TaskState
from pan123_tui.engine.hooks import batch_environ, task_environ
from pan123_tui.i18n import set_language
from pan123_tui.manual import FOLDER, PAGES
from tests import manual_tables
from tests.wording.test_notes import NOTES

ROOT = Path(__file__).parents[2]
READMES = ROOT / "README.md", ROOT / "README.zh-CN.md"
PAIRS = [READMES, *((FOLDER / "en" / f"{it}.md", FOLDER / "zh" / f"{it}.md") for it in PAGES)]
FRONT = [ROOT / f"{it}.md" for it in ("CONTRIBUTING", "SECURITY", "AGENTS")]
OTHERS = [ROOT / it / "README.md" for it in ("pan123_tui", "tests", "pan123_tui/terminal")]
SET_UP = "python3 -m venv .venv && .venv/bin/pip install -q uv && .venv/bin/uv run "
EACH_LANGUAGE = pytest.mark.parametrize("language", ["en", "zh"])
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"^# .*\n| +# .*", re.MULTILINE)
_GENERATED = re.compile(r"<!-- \w+ -->\n.*?<!-- end -->", re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
A_TASK = Task(id=1, url="https://example.com/a", created_at=0)
A_RESULT = BatchResult("night", {}, (), is_open=False)


def by_hand(file: Path) -> str:
    """Return the text without the tables that are made from the program."""
    return _GENERATED.sub("", file.read_text("utf-8"))


def page(language: str, name: str) -> str:
    return (FOLDER / language / f"{name}.md").read_text("utf-8")


def rows(text: str) -> list[str]:
    """Return the rows of the tables and the items of the lists."""
    return re.findall(r"^(?:\||- |  - |\d\. ).*", text, re.MULTILINE)


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words after each `pan123-tui`, up to a pipe, an end or a comment."""
    lines = "\n".join(_BLOCK.findall(text)).splitlines()
    for source in [*_SPAN.findall(_BLOCK.sub("", text)), *lines]:
        for found in re.finditer(r"(?:^|[\s(])pan123-tui((?: [^|;&#)]*)?)", source):
            yield re.findall(r"[^\s|;&`)\"']+", found[1])


@pytest.mark.parametrize("file", READMES, ids=["en", "zh"])
def test_one_command_sets_up_all_that_demo_and_tests_need_and_the_manual_is_found(
    file: Path,
) -> None:
    text = file.read_text("utf-8")
    first, *_, last = _BLOCK.findall(text)
    assert (first, last) == (f"{SET_UP}--no-dev pan123-tui --demo\n", f"{SET_UP}pytest\n")
    assert last.strip() in (ROOT / ".ci/run").read_text("utf-8").splitlines()
    linked = re.findall(r"\]\(pan123_tui/manual/(\w+)/(\w+)\.md\)", text)
    assert {name for _language, name in linked} == set(PAGES)
    assert len(text.splitlines()) <= 110
    assert file.stat().st_size <= 8_000


def test_the_tables_of_the_program_are_as_it_is_and_each_cell_is_filled(
    capfd: pytest.CaptureFixture[str],
) -> None:
    manual_tables.main(["--check"])
    assert capfd.readouterr().out == "", "Run: uv run python -m tests.manual_tables"
    assert sorted(FOLDER.glob("*/*.md")) == sorted(file for pair in PAIRS[1:] for file in pair)
    made = "".join("".join(_GENERATED.findall(file.read_text())) for file in FOLDER.glob("*/*.md"))
    assert re.findall(r"^.*\|\s*\|$", made, re.MULTILINE) == [], "explain it by hand"


@pytest.mark.parametrize("file", [*(it for pair in PAIRS for it in pair), *OTHERS, *FRONT], ids=str)
def test_every_file_picture_and_module_that_is_named_is_there(file: Path) -> None:
    text = file.read_text("utf-8")
    links = [it for it in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in it]
    assert [it for it in links if not (file.parent / it).exists()] == []
    for module in re.findall(r"python -m ([\w.]+)", text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
    named = re.findall(r"`(tests/\w+/[\w/]*\.py)`", text)
    assert [it for it in named if not (ROOT / it).exists()] == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)
def test_both_languages_have_the_same_examples_rows_and_names(pair: tuple[Path, Path]) -> None:
    ours, theirs = (_BLOCK.findall(_COMMENT.sub("", file.read_text("utf-8"))) for file in pair)
    assert ours == theirs
    for row, its_like in zip(*(rows(by_hand(file)) for file in pair), strict=True):
        assert sorted(_SPAN.findall(row)) == sorted(_SPAN.findall(its_like))


def test_every_command_option_and_choice_of_tasks_that_is_named_exists() -> None:
    assert isinstance(program, click.Group)
    context = click.Context(program)
    forms = (ROOT / ".github").rglob("*_*/*.yml")
    files = [*(file for pair in PAIRS for file in pair), *FRONT, *forms]
    named = [words for file in files for words in commands(by_hand(file))]
    assert len(named) > 70
    for words in named:
        name = words[0] if words and re.fullmatch("[a-z]+", words[0]) else ""
        command = program.get_command(context, name) if name and name != "update" else program
        assert command is not None, words
        options = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--"}
        known = {it for made in (command, program) for param in made.params for it in param.opts}
        assert options <= known | {"--help", "-h"}, words
        if name in ("list", "wait", "retry", "url", "remove", "confirm"):
            parse_selection([word.strip("'") for word in words[1:] if ":" in word])


@EACH_LANGUAGE
def test_the_searches_that_are_shown_have_no_faults(language: str) -> None:
    text = page(language, "search")
    lines = _BLOCK.findall(text)[0].splitlines()
    lines += re.findall(r"`(-?\w+[:<>=~]+[^`]+)`", text)
    assert len(lines) > 7
    assert [line for line in lines if parse(line).errors] == []


@EACH_LANGUAGE
def test_each_name_word_and_note_is_explained(language: str) -> None:
    for name, names in {
        "settings": {*VARIABLES.values(), *ACCOUNT_VARIABLES.values()},
        "push": {*task_environ(A_TASK), *batch_environ(A_RESULT)},
        "commands": {*document(A_TASK, None, "")},
        "words": {state.value for state in TaskState},
    }.items():
        assert names <= set(_SPAN.findall(page(language, name))), name
    set_language(language)
    notes = {say() for say in NOTES} - {""}
    alike = {it for it in notes if not re.search(r"\d|[:：;；]|xx|影视", it.replace("123", ""))}
    cells = {cell.strip() for cell in page(language, "words").split("|")}
    assert {*alike, *(word.value for word in Shown)} <= cells
