"""The options of `--host`, and what is printed after its screen has closed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from click.testing import CliRunner

from pan123_tui.cli import commands
from pan123_tui.client.protocol import Hello, to_frame
from pan123_tui.client.ssh import READY_LINE, SshTarget
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import Attachment, AttachmentState, PendingUpdates
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.task import DownloadRequest, new_task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.programs.dashboard import print_rest
from pan123_tui.ui.add_links.draft import Draft
from pan123_tui.ui.app import Pan123App
from tests.journey.terminal import Terminal

NO_DRAFT = Path("/dev/null")


def target_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Return the target that `arguments` open, or the code with which they are refused."""
    opened: list[object] = []

    def open_dashboard(target: object, **_options: object) -> int:
        opened.append(target)
        return 0

    monkeypatch.setattr(commands, "open_dashboard", open_dashboard)
    result = CliRunner().invoke(commands.program, arguments)
    return opened[0] if opened else result.exit_code


def test_the_options_name_the_machine_and_both_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert target_of(monkeypatch) is None
    assert target_of(monkeypatch, "--host", "me@server") == SshTarget("me@server")
    more = ["--ssh-command", "ssh -p 2222", "--remote-command", "~/bin/pan123-tui"]
    expected = SshTarget("server", ("ssh", "-p", "2222"), "~/bin/pan123-tui")
    assert target_of(monkeypatch, "--host", "server", *more) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "-oProxyCommand=reboot"],
        ["--host", ""],
        ["--host", "a b"],
        ["--host", "server", "--ssh-command", ""],
        ["--host", "server", "--ssh-command", "'"],
        ["--host", "server", "--remote-command", ""],
        ["--host", "server", "--demo"],
        ["--host", "server", "list"],
    ],
)
def test_what_cannot_be_a_host_is_refused(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert target_of(monkeypatch, *arguments) == 2


def test_of_an_engine_that_does_not_answer_it_is_not_said_that_it_goes_on(
    capfd: pytest.CaptureFixture[str],
) -> None:
    model = TaskModel()
    silent = Attachment(AttachmentState.SILENT, program="engine", pid=7)
    model.apply(PendingUpdates(attachment=silent))
    left = SimpleNamespace(model=model, has_ended_engine=False, draft_file=NO_DRAFT)
    print_rest(cast("Pan123App", left))
    assert "The engine (pid 7) does not answer." in capfd.readouterr().err


@pytest.mark.parametrize(
    ("draft", "line"),
    [
        (Draft(), ""),
        (Draft("https://a.example/1"), "1 link in the draft is not sent.\n"),
        (
            Draft(rows=extract("https://a.example/1\nhttps://a.example/2")),
            "2 links in the draft are not sent.\n",
        ),
    ],
)
def test_who_leaves_reads_how_many_links_are_in_the_draft(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], draft: Draft, line: str
) -> None:
    file = tmp_path / "draft.json"
    draft.write(file)
    left = SimpleNamespace(model=TaskModel(), has_ended_engine=False, draft_file=file)
    print_rest(cast("Pan123App", left))
    assert capfd.readouterr().err == line


@contextmanager
def dashboard_on(folder: Path, *lines: str) -> Iterator[Terminal]:
    """Open a dashboard with a script of `lines` in place of ssh."""
    ssh = folder / "ssh"
    ssh.write_text("\n".join(("#!/bin/sh", *lines, "")))
    ssh.chmod(0o755)
    environ = {"PAN123_DATA_DIR": str(folder), "PAN123_CONFIG_DIR": str(folder / "config")}
    with Terminal("--host", "server", "--ssh-command", str(ssh), environ=environ) as terminal:
        yield terminal


def test_an_engine_of_another_protocol_is_explained_after_the_screen(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.write_bytes(to_frame(Hello(id="e", protocol=99, version="99.0")))
    ready = f"echo '{READY_LINE.decode().strip()}'"
    hello = f"head -c 1 > {tmp_path}/hello && cat {frames}"
    with dashboard_on(tmp_path, ready, hello, "exec sleep 60") as terminal:
        assert terminal.ends(within_s=60) == 4
        assert terminal.line_with("pan123-tui on server is a different version")


def test_the_wait_for_ssh_can_be_interrupted(tmp_path: Path) -> None:
    with dashboard_on(tmp_path, "echo asking >&2", "exec sleep 60") as terminal:
        terminal.sees("asking")
        terminal.press("\x03")
        assert terminal.ends(within_s=60) == 128 + signal.SIGINT


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (AttachmentState.ENDED, "Not sent yet: "),
        (AttachmentState.ATTACHED, "“pan123-tui stop” ends the engine"),
    ],
)
def test_links_are_said_to_go_on_only_where_the_engine_does(
    capfd: pytest.CaptureFixture[str], state: AttachmentState, line: str
) -> None:
    model = TaskModel()
    queued = new_task(DownloadRequest("https://a.example/1"), task_id=1, at=1.0)
    status = Status(Connection.ONLINE)
    attachment = Attachment(state, program="engine", pid=7)
    model.apply(
        PendingUpdates(loaded=TaskCollection([queued]), attachment=attachment, status=status)
    )
    left = SimpleNamespace(model=model, has_ended_engine=False, draft_file=NO_DRAFT)
    print_rest(cast("Pan123App", left))
    assert line in capfd.readouterr().err
