"""The manual: its tables are the program's, both languages say the same, nothing is left out."""

import re
from pathlib import Path

import pytest

from pan123_tui.cli.listing import document
from pan123_tui.cli.program import LazyGroup, program
from pan123_tui.config.settings import VARIABLES
from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.filter import parse
from pan123_tui.domain.selection import parse_selection
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.hooks import batch_environ, task_environ
from pan123_tui.i18n import set_language
from pan123_tui.manual import FOLDER, PAGES, page_text, page_title
from pan123_tui.terminal.render_filters import to_ascii
from pan123_tui.ui.add_links.screen import AddScreen
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.keymap import bindings_of, key_name
from pan123_tui.wording.formats import shown_glyph
from tests.project import manual_tables
from tests.project.test_readme import (
    CHINESE,
    COMMENT,
    ENGLISH,
    SPAN,
    blocks,
    commands,
    context,
    options_of,
    rows,
)
from tests.wording.test_notes import NOTES

_GENERATED = re.compile(r"(<!-- \w+ -->\n).*?(?=<!-- end -->)", re.DOTALL)
_LINKED = re.compile(r"\]\((\w+)\.md\)")
EACH_PAGE = pytest.mark.parametrize("name", PAGES)
FILES = [FOLDER / language / f"{name}.md" for language in ("en", "zh") for name in PAGES]
EACH_FILE = pytest.mark.parametrize(
    "file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}"
)


def of(language: str, name: str) -> str:
    return (FOLDER / language / f"{name}.md").read_text("utf-8")


def by_hand(text: str) -> str:
    """Return a page without the tables that are made from the program."""
    return _GENERATED.sub(r"\1", text)


def test_each_page_is_there_in_both_languages_and_no_other() -> None:
    assert sorted(FOLDER.glob("*/*.md")) == sorted(FILES)


def test_the_tables_of_the_program_are_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    manual_tables.main(["--check"])
    assert capfd.readouterr().out == "", "Run: uv run python -m tests.project.manual_tables"


@EACH_FILE
def test_no_cell_of_a_table_that_explains_is_left_empty(file: Path) -> None:
    text = file.read_text("utf-8")
    made = "".join(it[0] for it in _GENERATED.finditer(text))
    assert [row for row in rows(made) if re.search(r"\|\s*\|$", row)] == [], "explain it by hand"


@EACH_FILE
def test_every_page_that_is_linked_is_there(file: Path) -> None:
    assert set(_LINKED.findall(file.read_text("utf-8"))) <= set(PAGES)


@EACH_PAGE
def test_chinese_sentences_of_a_paragraph_share_a_line(name: str) -> None:
    """A line break within a paragraph is shown as a blank."""
    assert not re.findall(r".*[，。：；]\n[^\n|>*#<-].*", of("zh", name))


@EACH_PAGE
def test_both_languages_have_the_same_examples_rows_and_names(name: str) -> None:
    ours, theirs = (blocks(COMMENT.sub("", of(language, name))) for language in ("en", "zh"))
    assert ours == theirs
    english, chinese = (rows(by_hand(of(language, name))) for language in ("en", "zh"))
    for row, its_like in zip(english, chinese, strict=True):
        assert sorted(SPAN.findall(row)) == sorted(SPAN.findall(its_like))


def test_every_command_and_option_that_is_named_exists() -> None:
    assert isinstance(program, LazyGroup)
    texts = [ENGLISH, CHINESE, *(by_hand(file.read_text("utf-8")) for file in FILES)]
    named = [words for text in texts for words in commands(text)]
    assert len(named) > 70
    for words in named:
        name = words[0] if words and re.fullmatch("[a-z]+", words[0]) else ""
        command = program.get_command(context(), name) if name and name != "update" else program
        assert command is not None, words
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= options_of(command) | options_of(program), words


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, of("en", "commands"), of("zh", "commands")])
def test_tasks_are_chosen_by_words_that_are_known(text: str) -> None:
    checked = 0
    for words in commands(text):
        if words and words[0] in ("list", "wait", "retry", "url", "remove", "confirm"):
            chosen = [word.strip("'") for word in words[1:] if ":" in word]
            parse_selection(chosen)  # it raises what is wrong
            checked += len(chosen)
    assert checked > 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_searches_that_are_shown_have_no_faults(language: str) -> None:
    text = of(language, "search")
    lines = [*blocks(text)[0].splitlines(), *re.findall(r"`(-?\w+[:<>=~]+[^`]+)`", text)]
    assert len(lines) > 7
    assert [line for line in lines if parse(line).errors] == []


A_TASK = Task(id=1, url="https://example.com/a", created_at=0)
A_RESULT = BatchResult("night", {}, (), is_open=False)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_letters_that_start_no_link_over_the_review_are_named(language: str) -> None:
    bindings = bindings_of(Pan123App, AddScreen)
    keys = {key_name(key) for it in bindings for key in it.key.split(",")}
    letters = {key for key in keys if len(key) == 1}
    assert letters in [set(SPAN.findall(row)) for row in rows(of(language, "links"))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_sign_of_a_state_is_told_in_ascii_too(language: str) -> None:
    plain = [f"`{to_ascii(shown_glyph(it))}`" for it in Shown]
    assert " ".join(plain) in of(language, "words")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_note_that_says_the_same_of_every_task_is_explained(language: str) -> None:
    set_language(language)
    notes = {say() for say in NOTES} - {""}
    alike = {it for it in notes if not re.search(r"\d|[:：;；]|xx|影视", it.replace("123", ""))}
    assert len(alike) > 18
    assert alike <= set(of(language, "words").split(" | "))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("settings", {*VARIABLES.values(), *ACCOUNT_VARIABLES.values()}),
        ("push", {*task_environ(A_TASK), *batch_environ(A_RESULT)}),
        ("commands", {*document(A_TASK, None, "")}),
        ("words", {state.value for state in TaskState}),
    ],
    ids=["variables", "variables of hooks", "fields of the JSON", "states"],
)
def test_each_name_is_explained(language: str, page: str, names: set[str]) -> None:
    assert names <= set(SPAN.findall(of(language, page)))


@pytest.mark.parametrize(("language", "column"), [("en", 2), ("zh", 3)])
def test_each_of_the_six_words_has_a_row(language: str, column: int) -> None:
    lines = (row for row in rows(of(language, "words")) if row.startswith("|"))
    assert {word.value for word in Shown} <= {line.split("|")[column].strip() for line in lines}


def test_a_page_is_shown_in_the_current_language_without_its_markers() -> None:
    assert page_title("keys") == "Keys"
    set_language("zh")
    try:
        assert page_title("keys") == "按键"
        assert "添加链接" in page_text("keys")
        assert "<!--" not in page_text("keys")
    finally:
        set_language("en")
