"""Folders by name on the command line."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pan123_tui.bootstrap import load_context, load_store
from pan123_tui.domain.folders import Folder, FolderCache
from pan123_tui.simulator.drive import Drive
from pan123_tui.system.private_files import write_private
from tests.engine_stage import generous_world
from tests.service.server import SimulatorServer
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
        return [task.folder_id for task in load_store(load_context(self.shell.environ))[0].values()]

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
    assert "Existing folders: 动画\n" in ran.err
    ran = user.run("add", URL.format(1), "--dir", "旧的备份")
    assert "Existing folders: 资料, 来自:离线下载, 影视\n" in ran.err
    assert "There is no folder “旧的备份”." in ran.err
    ran = user.run("add", URL.format(1), "--dir", "影视/a:b", "--parents")
    assert (ran.code, "The folder cannot be made: a name cannot contain" in ran.err) == (1, True)
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


def test_the_engine_asks_the_service(user: User) -> None:
    user.run("resume")  # which starts the engine
    user.shell.base_url = "http://127.0.0.1:9"
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
@pytest.mark.parametrize("command", ["add x --dir", "retry 1 --dir"])
def test_the_paths_of_known_folders_are_completed_without_asking_the_service(
    tmp_path: Path, command: str, shell: str, typed: str, found: list[str]
) -> None:
    known = KNOWN | {90: ("影子", 0), 91: ("旧", 90)}
    folders = {i: Folder(i, name, above) for i, (name, above) in known.items()}
    cache = FolderCache(folders, gone=frozenset({90}))
    write_private(tmp_path / "data" / "state" / "folders.json", msgspec.json.encode(cache))
    user = Shell(tmp_path)
    assert user.complete(shell, *command.split(), typed) == found
    assert not user.complete(shell, "--profile=work", *command.split(), typed)
