"""Folders by name on the command line."""

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from pan123_tui import i18n
from pan123_tui.bootstrap import is_listening, load_context, load_tasks
from pan123_tui.cli.commands import program
from pan123_tui.client import starter
from pan123_tui.config.lock_holder import add_socket
from pan123_tui.simulator.drive import Drive
from pan123_tui.store.lock import StoreLock
from tests.engine_stage import generous_world
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID
from tests.shell import FinishedCommand, Shell

URL = "https://example.com/fast/{}.iso"


class User:
    """Runs commands, and knows the folders at the service."""

    def __init__(self, folder: Path, server: SimulatorServer) -> None:
        self.shell = Shell(folder, server.base_url)
        self.drive: Drive = server.world.drive()
        self.films = self.drive.add_folder("影视")
        self.anime = self.drive.add_folder("动画", self.films)
        self.drive.entries[self.drive.add_folder("旧的备份")].trashed = True

    def run(self, *words: str) -> FinishedCommand:
        return self.shell.call(*words)

    def targets(self) -> list[int | None]:
        return [task.folder_id for task in load_tasks(load_context(self.shell.environ)).values()]

    def path_of(self, folder_id: int) -> str:
        entry = self.drive.entry(folder_id)
        return f"{self.path_of(entry.parent_id)}/{entry.name}" if entry.parent_id else entry.name


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    with SimulatorServer(generous_world(speed=50)) as server:
        yield User(tmp_path, server)


def test_links_go_into_a_folder_by_its_path_which_is_made_if_wanted(user: User) -> None:
    assert user.run("add", URL.format(1), "--dir", "影视/动画").out == "1\n"
    assert user.run("add", URL.format(2), "--dir", "影视/新/2024", "--parents").code == 0
    assert user.run("add", URL.format(3), "--dir", "/影视/新/2024/", "--parents").code == 0
    first, second, third = user.targets()
    assert first == user.anime
    assert second == third
    assert second is not None
    assert user.path_of(second) == "影视/新/2024"


def test_a_missing_folder_is_an_error_with_the_closest_name_and_queues_nothing(user: User) -> None:
    ran = user.run("add", URL.format(1), "--dir", "影视/动漫")
    assert ran.code == 1
    assert "There is no folder “动漫” in “影视”. Did you mean “影视/动画”? --parents makes it" in (
        ran.err
    )
    ran = user.run("add", URL.format(1), "--dir", "旧的备份")
    assert "There is no folder “旧的备份”." in ran.err
    ran = user.run("add", URL.format(1), "--dir", "影视/a:b", "--parents")
    assert (ran.code, "It cannot be made: none of" in ran.err) == (1, True)
    for words in (("0",), ("..",), ("/",)):
        assert user.run("add", URL.format(1), "--dir", *words).code == 2
    assert user.targets() == []


def test_a_dry_run_makes_no_folder(user: User) -> None:
    before = dict(user.drive.entries)
    ran = user.run("add", URL.format(1), "--dir", "影视/新", "--parents", "--dry-run")
    assert "The folder “影视/新” would be made." in ran.err
    assert ran.code == 0
    assert user.run("add", URL.format(1), "--dir", "影视/新", "--dry-run").code == 1
    assert user.drive.entries == before


def test_the_tree_is_printed_as_text_and_as_json(user: User) -> None:
    lines = user.run("folders").out.splitlines()
    assert lines == [
        f"{FOLDER_ID:>10}  资料",
        f"{user.drive.default_folder():>10}  来自:离线下载",
        f"{user.films:>10}  影视",
        f"{user.anime:>10}    动画",
    ]
    assert user.run("folders", "/", "--depth", "1").out.splitlines() == lines[:3]
    documents = json.loads(user.run("folders", "影视", "--json").out)
    assert documents == [
        {"id": user.anime, "name": "动画", "path": "影视/动画", "parent_id": user.films}
    ]
    by_id = json.loads(user.run("folders", str(user.films), "--json").out)
    assert by_id[0]["id"] == user.anime
    assert "There is no folder in it." in user.run("folders", "影视/动画").err
    assert user.run("folders", "nowhere").code == 1


def test_queued_links_are_redirected_by_path(user: User) -> None:
    user.run("pause")
    user.run("add", URL.format(1), "--dir", "77")
    ran = user.run("redirect", "77", "--to", "影视/新", "--parents")
    made = int(ran.out)
    assert user.path_of(made) == "影视/新"
    assert user.targets() == [made]


def test_the_engine_asks_the_service(user: User) -> None:
    with user.shell.running("watch"):
        user.shell.wait_until(partial(is_listening, load_context(user.shell.environ)))
        user.shell.base_url = "http://127.0.0.1:9"
        assert "动画" in user.run("folders").out
        ran = user.run("add", URL.format(1), "--dir", "影视/新", "--parents")
        assert ran.code == 0, ran.err
        ran = user.run("add", URL.format(2), "--dir", "影视/none")
        assert "There is no folder “none” in “影视”." in ran.err
    (target,) = user.targets()
    assert target is not None
    assert user.path_of(target) == "影视/新"


def test_an_account_that_is_missing_is_the_reason(user: User) -> None:
    user.shell.token = ""
    ran = user.run("add", URL.format(1), "--dir", "影视")
    assert ran.code == 3
    assert "No account is configured" in ran.err
    assert user.targets() == []


def test_an_engine_that_does_not_answer_is_named(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "START_TIMEOUT_S", 0.1)
    with StoreLock(user.shell.data, program="watch"):
        add_socket(user.shell.data, Path("/no/such/socket"))
        ran = user.run("folders")
    assert ran.code == 4
    assert f"pan123-tui watch (pid {os.getpid()}) does not answer" in ran.err


KNOWN = {
    1: ("影视", 0),
    2: ("动画", 1),
    3: ("2024", 2),
    4: ("2024", 0),
    5: ("影 音", 0),
    6: ("$(id)", 1),
    7: ("a\nb", 0),
    8: ("orphan", 99),
}


@pytest.mark.parametrize(
    ("shell", "typed", "found"),
    [
        ("bash", "影", ["影视", "影视/动画"]),
        ("bash", "影视/", ["影视/动画", "影视/动画/2024"]),
        ("bash", "/2", ["/2024"]),
        ("bash", "2", []),
        ("fish", "影", ["影 音", "影视", "影视/$(id)", "影视/动画"]),
    ],
)
@pytest.mark.parametrize("command", ["add x --dir", "redirect 1 --to", "folders"])
def test_the_paths_of_known_folders_are_completed_without_asking_the_service(
    tmp_path: Path, command: str, shell: str, typed: str, found: list[str]
) -> None:
    known = [{"id": i, "name": name, "parent_id": up} for i, (name, up) in KNOWN.items()]
    known += [{"id": 90, "name": "影子", "parent_id": 0}, {"id": 91, "name": "旧", "parent_id": 90}]
    state = tmp_path / "data" / "state"
    state.mkdir(parents=True)
    (state / "folders.json").write_text(json.dumps({"folders": known, "gone": [90]}), "utf-8")
    words = f"pan123-tui {command} {typed}"
    completed = complete(Shell(tmp_path), shell, words, typed)
    assert completed == [f"plain,{path}" for path in found]
    for option in ("--profile work", "--profile=work"):
        of_another = words.replace("pan123-tui", f"pan123-tui {option}")
        assert not complete(Shell(tmp_path), shell, of_another, typed)


def complete(user: Shell, shell: str, words: str, typed: str) -> list[str]:
    """Return the lines that the completion of `shell` offers for `typed`, the last of `words`."""
    number = len(words.split()) - bool(typed)
    completed = CliRunner().invoke(
        program,
        env=user.environ
        | {
            "_PAN123_TUI_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": typed if shell == "fish" else str(number),
            "PAN123_PROFILE": "",
        },
        prog_name="pan123-tui",
        complete_var="_PAN123_TUI_COMPLETE",
    )
    return [line for line in completed.output.splitlines() if line]


@pytest.mark.parametrize(
    ("shell", "command", "typed", "found"),
    [
        ("bash", "list --batch", "", ["last", "films"]),
        ("bash", "url --batch", "fi", ["films"]),
        ("fish", "wait --batch", "", ["last", "two words", "films"]),
        ("fish", "add x --batch", "", ["two words", "films"]),
    ],
)
def test_the_names_of_stored_batches_are_completed(
    tmp_path: Path, shell: str, command: str, typed: str, found: list[str]
) -> None:
    user = Shell(tmp_path)
    assert complete(user, shell, "pan123-tui list --batch ", "") == ["plain,last"]
    assert not user.data.exists()
    user.call("add", URL.format(1), "--batch", "films")
    user.call("add", URL.format(2), "--batch", "two words")
    offered = complete(user, shell, f"pan123-tui {command} {typed}", typed)
    assert offered == [f"plain,{name}" for name in found]


@pytest.mark.parametrize(
    ("language", "typed", "first"),
    [
        ("en", "nex", "next try"),
        ("zh", "", "进行中"),
        ("zh", "已搁", "已搁置"),
        ("zh", "failed,已搁", "failed,已搁置"),
        ("zh", "失败，已搁", "失败，已搁置"),
        ("zh", "失败、", "失败、进行中"),
        ("en", "he,", "he,active"),
    ],
)
def test_states_are_completed_in_the_language_of_the_program(
    tmp_path: Path, language: str, typed: str, first: str
) -> None:
    user = Shell(tmp_path)
    i18n.set_language(language)
    try:
        found = complete(user, "fish", f"pan123-tui list --state {typed}", typed)
    finally:
        i18n.set_language("en")
    assert found[0] == f"plain,{first}"


def test_bash_completes_after_a_chinese_comma(tmp_path: Path) -> None:
    found = complete(Shell(tmp_path), "bash", "pan123-tui list --state failed，qu", "failed，qu")
    assert found == ["plain,failed，queued"]


@pytest.mark.parametrize("command", ["url", "wait", "retry", "confirm", "remove", "move"])
def test_numbers_that_a_batch_may_replace_are_shown_as_optional(
    tmp_path: Path, command: str
) -> None:
    assert "[ID...]" in Shell(tmp_path).call(command, "--help").out
