"""Folders by name on the command line."""

import pytest

from pan123_tui.simulator.drive import Drive
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/slow/{}.iso"
NOTHING = "Nothing was queued: the folder has to be found first."


@pytest.fixture
def drive(service: SimulatorServer) -> Drive:
    """The folders at the service: 影视/动画, and one in the trash."""
    drive: Drive = service.world.drive()
    drive.add_folder("动画", drive.add_folder("影视"))
    drive.entries[drive.add_folder("旧的备份")].trashed = True
    return drive


def targets(shell: Shell, drive: Drive) -> list[str]:
    """Return the path of each task's folder."""
    return [path_of(drive, task["folder_id"]) for task in shell.tasks()]


def path_of(drive: Drive, folder_id: int) -> str:
    entry = drive.entry(folder_id)
    return f"{path_of(drive, entry.parent_id)}/{entry.name}" if entry.parent_id else entry.name


def test_links_go_into_a_folder_which_is_made_if_wanted(shell: Shell, drive: Drive) -> None:
    assert shell.call("add", URL.format(1), "--dir", "影视/动画").out == "1\n"
    shell.base_url = "http://127.0.0.1:9"  # from now on only the engine knows the service
    for number, path in enumerate(("影视/新/2024", "/影视/新/2024/"), 2):
        assert shell.call("add", URL.format(number), "--dir", path, "--parents").code == 0
    assert targets(shell, drive) == ["影视/动画", "影视/新/2024", "影视/新/2024"]
    assert len({task["folder_id"] for task in shell.tasks()}) == 2
    ran = shell.call("add", URL.format(4), "--dir", "影视/none")
    assert "There is no folder “none” in “影视”." in ran.err


@pytest.mark.usefixtures("drive")
def test_a_missing_folder_is_an_error_with_the_closest_name(shell: Shell) -> None:
    ran = shell.call("add", URL.format(1), "--dir", "影视/动漫")
    assert ran.code == 1
    assert "There is no folder “动漫” in “影视”. Did you mean “影视/动画”? --parents makes it" in (
        ran.err
    )
    assert ran.err.endswith(f"Existing folders: 动画\n{NOTHING}\n")
    ran = shell.call("add", URL.format(1), "--dir", "旧的备份")
    assert "Existing folders: 资料, 来自:离线下载, 影视\n" in ran.err
    assert "There is no folder “旧的备份”." in ran.err
    ran = shell.call("add", URL.format(1), "--dir", "影视/a:b", "--parents")
    assert (ran.code, "The folder cannot be made: a name cannot contain" in ran.err) == (1, True)
    assert shell.call("add", URL.format(1), "--dir", "/").code == 2
    shell.call("stop")
    shell.token = ""
    ran = shell.call("add", URL.format(1), "--dir", "影视")
    assert (ran.code, ran.err.startswith(f"{NOTHING}\npan123-tui: No account is")) == (3, True)
    assert shell.tasks() == []


def test_a_dry_run_makes_no_folder(shell: Shell, drive: Drive) -> None:
    before = dict(drive.entries)
    ran = shell.call("add", URL.format(1), "--dir", "影视/新", "--parents", "--dry-run")
    assert (ran.code, "The folder “影视/新” would be made." in ran.err) == (0, True)
    ran = shell.call("add", URL.format(1), "--dir", "影视/新", "--dry-run")
    assert (ran.code, NOTHING in ran.err) == (1, False)
    assert drive.entries == before
