"""`add` of tasks that 123pan has already, and into folders by name."""

from pathlib import Path

import pytest

from pan123_tui.cli.add import add
from pan123_tui.simulator.drive import Drive
from pan123_tui.simulator.messages import CreateRequest
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


def test_another_clients_tasks_are_watched_by_id(shell: Shell, service: SimulatorServer) -> None:
    first, second = (str(service.world.add_task(CreateRequest(URL)).id) for _ in range(2))
    words = ("--task-id", first, "--task-id", second, "--name", "theirs.iso")
    said = "1 taskID added. The next check shows whether 123pan knows it.\n"
    assert shell.call("add", "--task-id", first).err == said
    ran = shell.call("add", *words, "--task-id", second, "--batch", "night", "--wait")
    assert (ran.code, ran.out) == (0, "2\n")
    assert ran.err.startswith(f"{said}1 taskID is already in the list.\n")
    assert shell.call("add", "--task-id", first).err == "1 taskID is already in the list.\n"
    assert [str(task["task_id"]) for task in shell.tasks()] == [first, second]
    task = shell.tasks()[1]
    assert (task["name"], task["batch"], task["shown"]) == ("theirs.iso", "night", "done")
    ran = shell.call("list", "--links")
    assert (ran.code, ran.out) == (0, "")


ONLY = "With --task-id you can use only --name, --batch and --wait."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        *((f"7 --{it}", ONLY) for it in ("front", "again", "all", "parents", "dir=7", "json")),
        ("7 --dry-run", ONLY),
        (f"7 {URL}", "Links and --task-id cannot be given together."),
        *((it, f"“{it}” does not begin with a taskID.") for it in ("0", "9" * 30)),
        ("no/such/file", "no/such/file"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    shell: Shell, words: str, said: str
) -> None:
    ran = shell.call("add", "--task-id", *words.split())
    assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err
    assert shell.tasks() == []


def test_a_file_and_a_pipe_hold_many_with_their_names(
    shell: Shell, service: SimulatorServer, tmp_path: Path
) -> None:
    known, named, tabbed, alone = (service.world.add_task(CreateRequest(URL)).id for _ in range(4))
    shell.call("add", "--task-id", str(known))
    file = tmp_path / "ids.txt"
    file.write_text(f"# mine\r\n{known}\r\n\r\n  {named}  two words.iso \r\n", "gb18030")
    ran = shell.call(
        *("add", "--task-id", str(file), "--task-id", str(alone), "--task-id", "-"),
        *("--name", "other.iso", "--batch", "night"),
        stdin=f"{tabbed}\t电影.mkv\n{named}\n",
    )
    assert (ran.code, ran.out) == (0, "2\n3\n4\n")
    assert ran.err.startswith("3 taskIDs added. The next check shows whether 123pan knows them.\n")
    assert [(task["task_id"], task["name"], task["batch"]) for task in shell.tasks()[1:]] == [
        (named, "two words.iso", "night"),
        (alone, "other.iso", "night"),
        (tabbed, "电影.mkv", "night"),
    ]


@pytest.mark.parametrize("bad", ["x7", "0", "-7", "7.5", "9" * 19, "a\x1bb 7"])
def test_a_line_without_a_task_id_is_named_and_nothing_is_watched(shell: Shell, bad: str) -> None:
    ran = shell.call("add", "--task-id", "8", "--task-id", "-", stdin=f"7\n# 8\n{bad}\n9\n")
    assert (ran.code, ran.out, shell.tasks()) == (2, "", [])
    shown = bad.replace("\x1b", "\\x1b")
    assert f"“{shown}” does not begin with a taskID." in ran.err


@pytest.mark.parametrize("text", ["", "\n", "# 7\n"])
def test_a_text_without_a_task_id_is_as_one_without_a_link(shell: Shell, text: str) -> None:
    ran = shell.call("add", "--task-id", "-", stdin=text)
    assert (ran.code, ran.out, ran.err) == (1, "", "There is no taskID in this text.\n")


def test_a_completion_reads_no_file_of_task_ids() -> None:
    words = ["--task-id", "-", "--wait"]
    assert add.make_context("add", words, resilient_parsing=True).params["adoptions"] == ()


SLOW = "https://example.com/slow/{}.iso"
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
    assert shell.call("add", SLOW.format(1), "--dir", "影视/动画").out == "1\n"
    shell.base_url = "http://127.0.0.1:9"  # from now on only the engine knows the service
    for number, path in enumerate(("影视/新/2024", "/影视/新/2024/"), 2):
        assert shell.call("add", SLOW.format(number), "--dir", path, "--parents").code == 0
    assert targets(shell, drive) == ["影视/动画", "影视/新/2024", "影视/新/2024"]
    assert len({task["folder_id"] for task in shell.tasks()}) == 2
    ran = shell.call("add", SLOW.format(4), "--dir", "影视/none")
    assert "There is no folder “none” in “影视”." in ran.err


def test_each_link_goes_into_the_folder_that_its_list_names(shell: Shell, drive: Drive) -> None:
    text = f"{SLOW.format(1)}\n  dir=影视/动画\n{SLOW.format(2)}\n  dir=影视/新\n{SLOW.format(3)}\n"
    ran = shell.call("add", "-", "--dir", "资料", stdin=text.replace("动画", "none"))
    assert (ran.code, ran.err.count("There is no folder"), shell.tasks()) == (1, 2, [])
    assert ran.err.endswith(f"{NOTHING}\n")
    ran = shell.call("add", "-", "--dir", "资料", "--parents", "--dry-run", stdin=text)
    assert "The folder “影视/新” would be made." in ran.err
    assert shell.call("add", "-", "--dir", "资料", "--parents", stdin=text).code == 0
    assert targets(shell, drive) == ["影视/动画", "影视/新", "资料"]


@pytest.mark.usefixtures("drive")
def test_a_missing_folder_is_an_error_with_the_closest_name(shell: Shell) -> None:
    ran = shell.call("add", SLOW.format(1), "--dir", "影视/动漫")
    assert ran.code == 1
    assert "There is no folder “动漫” in “影视”. Did you mean “影视/动画”? --parents makes it" in (
        ran.err
    )
    assert ran.err.endswith(f"Existing folders: 动画\n{NOTHING}\n")
    ran = shell.call("add", SLOW.format(1), "--dir", "旧的备份")
    assert "Existing folders: 资料, 来自:离线下载, 影视\n" in ran.err
    assert "There is no folder “旧的备份”." in ran.err
    ran = shell.call("add", SLOW.format(1), "--dir", "影视/a:b", "--parents")
    assert (ran.code, "The folder cannot be made: a name cannot contain" in ran.err) == (1, True)
    assert shell.call("add", SLOW.format(1), "--dir", "/").code == 2
    shell.call("stop")
    shell.token = ""
    ran = shell.call("add", SLOW.format(1), "--dir", "影视")
    assert (ran.code, ran.err.startswith(f"{NOTHING}\npan123-tui: No account is")) == (3, True)
    assert shell.tasks() == []


def test_a_dry_run_makes_no_folder(shell: Shell, drive: Drive) -> None:
    before = dict(drive.entries)
    ran = shell.call("add", SLOW.format(1), "--dir", "影视/新", "--parents", "--dry-run")
    assert (ran.code, "The folder “影视/新” would be made." in ran.err) == (0, True)
    ran = shell.call("add", SLOW.format(1), "--dir", "影视/新", "--dry-run")
    assert (ran.code, NOTHING in ran.err) == (1, False)
    assert drive.entries == before
