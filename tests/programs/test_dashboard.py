"""How a screen is opened, what it leaves behind, and what is printed after it."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from click.testing import CliRunner

from pan123_tui import __version__, i18n
from pan123_tui.bootstrap import error_message
from pan123_tui.cli import program
from pan123_tui.client.engine_client import Attachment, AttachmentState
from pan123_tui.client.protocol import Hello, Update
from pan123_tui.client.ssh import SshLine, SshTarget
from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.paths import DEMO_PREFIX
from pan123_tui.config.schema import Defaults
from pan123_tui.domain.errors import (
    EngineIncompatible,
    EngineLost,
    HostUnreachable,
    Problem,
    ProblemKind,
    StoreLocked,
)
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import DownloadRequest, TaskState, new_task, transition
from pan123_tui.programs import dashboard
from pan123_tui.programs.dashboard import open_dashboard, prepare_screen, print_rest
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.system.log import stop_log
from pan123_tui.terminal import textual_private
from pan123_tui.ui.app import Exit, Pan123App
from tests.journey.terminal import Terminal
from tests.shell import Shell

LINK = "https://a.example/1"


class Screen:
    """Stands in for the application."""

    def __init__(self, context: Any, opened_client: Any, **options: Any) -> None:
        self.context, self.opened_client, self.options = context, opened_client, options
        self.links = ""
        self.return_value: Exit | None = None
        self.failure: Exception | None = None
        self.return_code = 0
        self.model, self.drafted = TaskModel(), 0
        self.client = SimpleNamespace(engine=None)


class Opened(list[Any]):
    """The screens that were built; `when_run` says how each of them ends."""

    when_run: Callable[[Any], object] = staticmethod(lambda _screen: None)

    def build(self, *arguments: Any, **options: Any) -> Any:
        self.append(screen := cast("Any", Screen(*arguments, **options)))
        screen.run = lambda: self.when_run(screen)
        return screen


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """The screens that are built, in a terminal."""
    screens = Opened()
    monkeypatch.setattr(dashboard, "build_app", screens.build)
    monkeypatch.setattr(dashboard, "prepare_screen", lambda: None)
    for name, value in Shell(tmp_path).environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield screens
    stop_log()
    i18n.use_options("")


def test_without_a_terminal_nothing_is_opened(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dashboard, "prepare_screen", lambda: "why")
    assert (open_dashboard(), opened) == (2, [])
    assert capsys.readouterr().err == "pan123-tui: why\n"


def test_a_screen_gets_the_links_and_a_folder_that_others_could_read_is_named(
    opened: Opened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "data").mkdir(mode=0o755)

    def leave(screen: Screen) -> None:
        screen.drafted, screen.return_code = 1, 143

    opened.when_run = leave
    assert open_dashboard(is_ascii=True, links=LINK) == 143
    (screen,) = opened
    assert screen.links == LINK
    assert screen.options == {"is_ascii": True}
    said = capsys.readouterr().err
    assert f"pan123-tui: {tmp_path / 'data'} is open to others" in said
    assert "1 link in the draft is not sent." in said
    assert (tmp_path / "data/state/pan123-tui.log").exists()


@pytest.mark.parametrize("hello", [None, Hello(id="x")])
def test_a_screen_without_an_engine_says_who_holds_the_folder_unless_it_has_heard_it(
    opened: Opened, tmp_path: Path, hello: Hello | None
) -> None:
    def fail(screen: Any) -> None:
        held.enter_context(FolderLock(tmp_path / "data", program="engine"))
        screen.failure, screen.client.engine = EngineLost("cut"), hello

    opened.when_run = fail
    with ExitStack() as held, pytest.raises((StoreLocked, EngineLost)) as caught:
        open_dashboard()
    silent = caught.value if isinstance(caught.value, StoreLocked) else None
    assert (silent and (silent.pid, silent.is_silent)) == (None if hello else (os.getpid(), True))


def test_who_asks_for_the_demo_gets_it_and_then_the_dashboard_again(
    opened: Opened, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders: list[int] = []

    def count() -> None:
        folders.append(len(list(tmp_path.glob(f"{DEMO_PREFIX}*"))))

    def run(screen: Any) -> None:
        screen.return_value = Exit.FOR_DEMO if len(opened) == 1 else Exit.LEFT
        count()

    def leave(screen: Any) -> None:
        held.enter_context(FolderLock(screen.context.paths.data_dir, program="engine"))
        screen.return_value = Exit.LEFT

    opened.when_run = run
    assert open_dashboard(is_ascii=True) == 0
    assert [screen.options.get("is_demo", False) for screen in opened] == [False, True, False]
    assert [screen.options["is_ascii"] for screen in opened] == [True] * 3
    assert "The demo is over; nothing of it is kept." in "".join(capsys.readouterr())
    assert "PAN123_ACCESS_TOKEN" not in opened[1].context.environ
    assert folders == [0, 1, 0], "without an engine it leaves no folder"
    with ExitStack() as held:
        opened.when_run = leave
        assert open_dashboard(demo=True, links=LINK) == 0
        assert opened[3].links == LINK, "which are reviewed there"
        assert "The demo goes on for ten minutes." in capsys.readouterr().err
        opened.when_run = lambda screen: setattr(screen, "return_value", Exit.ENDED_ENGINE)
        assert open_dashboard(demo=True) == 0
        assert opened[4].context.paths == opened[3].context.paths, "it is the demo that runs"
        assert capsys.readouterr().err == "The demo is over; nothing of it is kept.\n"
        assert list(tmp_path.glob(f"{DEMO_PREFIX}*")), "the engine that ends removes it"


@pytest.mark.parametrize("is_older", [False, True])
def test_a_screen_on_a_host_has_the_profile_there_and_no_folders_of_this_account(
    opened: Opened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    is_older: bool,
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(SshLine, "open", lambda _line: steps.append("open"))
    monkeypatch.setattr(SshLine, "close", lambda _line: steps.append("close"))

    def run(screen: Any) -> None:
        screen.failure = EngineIncompatible("0.0.9") if is_older else None
        screen.model = model_in(AttachmentState.ATTACHED)

    opened.when_run = run
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.toml").write_text("defaults.folder_id = 7\nui.ascii = true\n")
    target = SshTarget("server", profile="work")
    if is_older:
        with pytest.raises(HostUnreachable) as caught:
            open_dashboard(target)
        assert f"{__version__} on this machine and 0.0.9 on server" in (error_message(caught.value))
    else:
        assert open_dashboard(target, links=LINK) == 0
        assert "On server, “pan123-tui --profile work stop” ends" in capsys.readouterr().err
    assert "--profile work stop" in i18n._("“pan123-tui stop”")
    (screen,) = opened
    assert steps == ["open", "close"]
    assert screen.options == {"is_ascii": False, "host": "server"}
    assert screen.context.settings.defaults == Defaults()
    assert screen.context.settings.ui.ascii
    assert screen.context.paths.profile == "work"
    assert not screen.opened_client._may_replace


def left(model: TaskModel, *, has_ended: bool = False) -> Pan123App:
    outcome = Exit.ENDED_ENGINE if has_ended else Exit.LEFT
    app = SimpleNamespace(model=model, drafted=0, return_value=outcome)
    return cast("Pan123App", app)


def model_in(
    state: AttachmentState,
    *,
    trouble: Problem | None = None,
) -> TaskModel:
    """A screen with a link that is not sent, one that is being sent and one that runs."""
    queued, *others = (
        new_task(DownloadRequest(LINK), task_id=number, at=1.0) for number in (1, 2, 3)
    )
    sending, sent = (transition(task, S.SUBMITTING, at=2.0) for task in others)
    running = transition(sent, S.RUNNING, at=3.0, task_id=9)
    model = TaskModel()
    tasks = queued, sending, running
    model.apply(
        Update(is_first=True, snapshot=tasks, status=Status(Connection.ONLINE)),
        Attachment(state, program="engine", pid=7, trouble=trouble),
    )
    return model


S, A = TaskState, AttachmentState


@pytest.mark.parametrize(
    ("app", "host", "line"),
    [
        (left(model_in(A.ATTACHED)), "", "carries on with 1 download and 2 links."),
        (left(model_in(A.ATTACHED)), "server", "On server, “pan123-tui stop”"),
        (left(model_in(A.ATTACHED), has_ended=True), "", "Not sent yet: "),
        (left(model_in(A.ENDED)), "", "Not sent yet: "),
        (left(model_in(A.LOST, trouble=Problem(ProblemKind.ENGINE_LOST))), "", "Not sent yet: "),
        (left(model_in(A.LOST)), "", "carries on"),
        (left(model_in(A.SILENT)), "", "(pid 7) does not answer."),
        (left(model_in(A.SILENT)), "server", "On server, “pan123-tui stop”"),
    ],
    ids=range(8),
)
def test_who_leaves_reads_what_goes_on_and_what_waits(
    capfd: pytest.CaptureFixture[str], app: Pan123App, host: str, line: str
) -> None:
    print_rest(app, host=host)
    assert line in capfd.readouterr().err


@pytest.mark.parametrize(
    ("term", "isatty_in", "isatty_err", "driver", "words"),
    [
        ("xterm", True, False, "", "standard error"),
        ("xterm", False, True, "", "add -"),
        ("dumb", True, True, "", "TERM is “dumb”"),
        ("", True, True, "", "ssh -t"),
        ("dumb", False, False, "", "“ssh -t HOST pan123-tui”"),
        ("dumb", False, False, "textual.drivers.web_driver:WebDriver", None),
        ("xterm", True, True, "", None),
    ],
)
def test_where_no_screen_can_be_drawn_a_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    term: str,
    isatty_in: bool,
    isatty_err: bool,
    driver: str,
    words: str | None,
) -> None:
    breaks_lines = Mock()
    monkeypatch.setattr(textual_private, "break_chinese_lines", breaks_lines)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: isatty_in))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: isatty_err))
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("TEXTUAL_DRIVER", driver)
    monkeypatch.setenv("TEXTUAL_COLOR_SYSTEM", "")
    reason = prepare_screen()
    assert (words in reason) if words and reason else reason is words
    assert breaks_lines.called is bool(os.environ["TEXTUAL_COLOR_SYSTEM"]) is (reason is None)


def target_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Return the target that `arguments` open, or the code with which they are refused."""
    opened: list[object] = []

    def open_dashboard(target: object, **_options: object) -> int:
        opened.append(target)
        return 0

    monkeypatch.setattr("pan123_tui.programs.dashboard.open_dashboard", open_dashboard)
    result = CliRunner().invoke(program.program, arguments)
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
def test_wrong_hosts_are_refused(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert target_of(monkeypatch, *arguments) == 2


def test_the_wait_for_ssh_can_be_interrupted(tmp_path: Path) -> None:
    environ = {"PAN123_DATA_DIR": str(tmp_path), "PAN123_CONFIG_DIR": str(tmp_path / "config")}
    ssh = "sh -c 'echo asking >&2; exec sleep 60'"
    with Terminal("--host", "server", "--ssh-command", ssh, environ=environ) as terminal:
        terminal.sees("asking")
        terminal.press("\x03")
        assert terminal.ends(within_s=60) == 128 + signal.SIGINT
