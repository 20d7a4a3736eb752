"""The argument `TASKS` of commands, and its completion."""

from fnmatch import fnmatchcase
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.selection import Chosen, tasks_command
from pan123_tui.domain.folders import Folder, FolderTree
from pan123_tui.domain.selection import Selection
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, TaskState
from pan123_tui.system.private_files import write_private
from tests.samples import a_task
from tests.shell import Shell

TASKS = (
    a_task(1, TaskState.FAILED, url="https://example.com/a.iso"),
    a_task(2, url="https://h/sample.iso", batch="night", folder_id=7),
    a_task(3, url="https://example.com/c.iso", batch="two words"),
)


def print_chosen(selection: Selection, *, dry_run: bool) -> None:
    click.echo(f"{list(Chosen(selection).ids)}{' dry' if dry_run else ''}")


@click.group()
def program() -> None:
    """The program."""


for name in ("retry", "list"):
    option = click.option("--dry-run", "-n", is_flag=True)
    made = tasks_command(name, "Print what is chosen.", required=name == "retry")
    program.add_command(made(option(print_chosen)))


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path)
    for name, value in shell.environ.items():
        monkeypatch.setenv(name, value)
    return shell


@pytest.fixture
def stored(user: Shell) -> None:
    user.store(*TASKS)


def run(*words: str) -> str:
    return CliRunner().invoke(program, words, prog_name="pan123-tui").output.strip()


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["retry", "all"], "[1, 2, 3]"),
        (["retry", "2-3", "--", "-name~sample"], "[3]"),
        (["retry", "--dry-run", "--", "all", "-sample"], "[1, 3] dry"),
        (["retry", "batch:two words"], "[3]"),
        (["list"], "[1, 2, 3]"),
        (["list", "--", "-host:example.com"], "[2]"),
        (["list", "state:failed"], "[1]"),
        (["list", "--", "-例", "-name~c.iso", "-sam"], "[1]"),
        (["list", "2", "9"], "There is no task 9.\n[2]"),
        (["list", "9"], "There is no task 9."),
        (["list", "-name~sample"], "*No such option*"),
        (["list", "state:x"], "*“state:x”: no such state; the states are queued, sending*"),
        (["retry", " "], "*a value is missing*"),
        (
            ["list", "state:done"],
            "“state:done” matches nothing in a list of 3 tasks; “pan123-tui list” shows all.",
        ),
        (["list", "1,2"], "*shows all. Separate numbers by blanks, as in “21 22”."),
    ],
)
def test_tasks_are_chosen_by_words(words: list[str], printed: str) -> None:
    assert fnmatchcase(run(*words), printed.replace("[", "[[]"))


@pytest.mark.parametrize("word", ["-12", "-all", "-name~sample"])
def test_words_that_only_leave_out_are_no_choice_of_what_to_change(word: str) -> None:
    assert "Which tasks? For example: " in run("retry", "--", word)


@pytest.mark.parametrize(
    "word", ["stat:x", "-stat:x", "颜色:红", "-颜色:红", "colour=red", "颜色>3"]
)
def test_an_unknown_field_is_named_with_those_there_are_and_an_example(word: str) -> None:
    said = run("retry", "state:failed", "--", word)
    assert f"“{word}”: no such field; " in said
    assert "or one of state, host, name" in said
    assert "Example: pan123-tui retry host:example.com batch:last" in said


@pytest.mark.usefixtures("stored")
def test_a_folder_is_chosen_by_the_name_that_the_engine_has_read() -> None:
    file = load_context().paths.folder_cache
    write_private(file, msgspec.json.encode(FolderTree({7: Folder(7, "Films", 0)})))
    assert run("list", "folder:films") == "[2]"
    assert run("list", "films") == "[2]"


@pytest.mark.parametrize(
    ("lang", "words", "found"),
    [
        ("en", ["web page"], "[4]"),
        ("en", ["reason:no reason"], "[1]"),
        ("zh", ["网页", "--", "-原因：太小"], "[4]"),
        ("zh", ["原因：网页"], "[4]"),
        ("zh", ["web page"], "*没有符合*"),
    ],
)
def test_what_the_note_says_in_the_language_of_the_screen_chooses_tasks(
    user: Shell, monkeypatch: pytest.MonkeyPatch, lang: str, words: list[str], found: str
) -> None:
    page = ArrivalCheck(ArrivalStatus.ERROR_PAGE, 1.0)
    user.store(*TASKS, replace(TASKS[0], id=4, state=TaskState.SUCCEEDED, arrival=page))
    monkeypatch.setenv("PAN123_LANG", lang)
    assert fnmatchcase(run("list", *words), found.replace("[", "[[]"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sta", ["state:"]),
        ("状", ["状态:"]),
        ("batch:ni", ["batch:night"]),
        ("批次:", ["批次:last", "批次:night"]),
        ("2", ["2"]),
        ("state:fa", []),
    ],
)
def test_ids_fields_and_batches_are_completed(
    user: Shell, shell: str, typed: str, found: list[str]
) -> None:
    user.store(*TASKS[1:])
    assert user.complete(shell, "retry", "12", typed) == found


def test_nothing_is_offered_and_nothing_made_where_no_tasks_are_stored(user: Shell) -> None:
    assert user.complete("fish", "list", "stat:x", "batch:") == ["batch:last"]
    assert not user.data.exists()
