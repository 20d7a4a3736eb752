"""Which clipboard is the user's, and how the terminal's replies are parsed."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest.mock import Mock

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.system.clipboard import ClipboardFailure, ClipboardResult, unavailable_reason
from pan123_tui.system.processes import CommandResult
from pan123_tui.terminal.input_parser import ReplyKind, TerminalReply
from pan123_tui.ui.clipboard import QUERY_CLIPBOARD, ClipboardController, parse_clipboard
from pan123_tui.wording.actions import clipboard_text

SSH = {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "TERM": "xterm-256color"}
LINK = "https://a.example/电影.zip"


def osc52(text: str) -> TerminalReply:
    return TerminalReply(ReplyKind.OSC, f"52;c;{b64encode(text.encode()).decode()}")


@pytest.mark.parametrize(
    ("environ", "failure"),
    [
        ({"DISPLAY": ":0"}, None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None),
        ({"TERMUX_VERSION": "0.118"}, None),
        ({"WSL_DISTRO_NAME": "Debian"}, None),
        ({}, ClipboardFailure.NO_DISPLAY),
        (SSH, ClipboardFailure.REMOTE),
        (SSH | {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ClipboardFailure.REMOTE),
        (SSH | {"DISPLAY": "localhost:10.0"}, ClipboardFailure.REMOTE),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, ClipboardFailure.REMOTE),
        ({"DISPLAY": ":0", "SSH_CONNECTION": ""}, None),
    ],
)
def test_only_a_display_in_front_of_the_user_counts(
    environ: Mapping[str, str], failure: ClipboardFailure | None
) -> None:
    assert unavailable_reason(environ, platform="linux") is failure
    on_mac = None if failure is ClipboardFailure.NO_DISPLAY else failure
    assert unavailable_reason(environ, platform="darwin") is on_mac


@pytest.mark.parametrize("failure", ClipboardFailure)
def test_every_failure_has_a_sentence_that_says_what_to_do(failure: ClipboardFailure) -> None:
    assert ("paste key" in clipboard_text(failure)) is (failure is not ClipboardFailure.EMPTY)


@pytest.mark.parametrize(
    ("environ", "queries"),
    [
        ({"TERM": "xterm-kitty"}, [QUERY_CLIPBOARD]),
        ({"TERM": "foot"}, [QUERY_CLIPBOARD]),
        ({"TERM": "xterm-256color"}, []),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, [QUERY_CLIPBOARD]),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, [QUERY_CLIPBOARD]),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, []),
        ({"TERM": "screen-256color"}, []),
        ({}, []),
    ],
)
@pytest.mark.usefixtures("_short_timeouts")
async def test_terminals_are_asked_for_what_they_are_known_to_answer(
    environ: Mapping[str, str], queries: list[str]
) -> None:
    terminal = FakeTerminal()
    remote = terminal.clipboard({**environ, "SSH_TTY": "/dev/pts/1"})
    result = await remote.read_any()
    assert (result.failure, terminal.sent) == (ClipboardFailure.NO_ACCESS, queries)
    remote.on_reply(osc52(LINK))  # too late
    here = await terminal.clipboard({"TERM": "xterm"}).read_any()
    unasked = terminal.clipboard({**environ, **SSH}, osc52_query=False)
    failures = [it.failure for it in (here, await unasked.read_any())]
    assert failures == [ClipboardFailure.NO_DISPLAY, ClipboardFailure.REMOTE]


async def test_a_reply_that_comes_too_late_is_dropped_and_the_next_read_asks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = FakeTerminal(osc52("at once"))
    clipboard = terminal.clipboard(SSH | {"TERM": "xterm-kitty"})
    assert await clipboard.read_any() == ClipboardResult("at once")
    assert terminal.app.notify.call_count == 0
    with monkeypatch.context() as short:
        short.setattr("pan123_tui.ui.clipboard.HINT_DELAY_S", 0.01)
        short.setattr("pan123_tui.ui.clipboard.PERMISSION_TIMEOUT_S", 0.02)
        terminal._answer = None
        result = await clipboard.read_any()
    assert result.failure is ClipboardFailure.NO_ACCESS
    assert terminal.app.notify.call_count == 1
    clipboard.on_reply(osc52(LINK))
    for text in ("new", LINK):
        terminal._answer = osc52(text)
        assert await clipboard.read_any() == ClipboardResult(text)
    assert terminal.sent == [QUERY_CLIPBOARD] * 4


async def test_a_text_is_written_to_terminal_and_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    for takes in (True, False):
        tmux = FakeTmux(monkeypatch, "SSH_CONNECTION=10.0.0.1 5 10.0.0.2 22")

        def copy(text: str, *, takes: bool = takes) -> bool:
            copied.append(text)
            return takes

        for environ, is_taken in (({"TMUX": "/tmp/tmux"}, True), ({}, takes)):
            clipboard = FakeTerminal(copy=copy).clipboard(SSH | environ)
            assert await clipboard.write(LINK) is is_taken
            assert tmux.written == LINK.encode()
    assert copied == [LINK] * 4


NO_TEXT = ClipboardResult(failure=ClipboardFailure.EMPTY)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        *((body, ClipboardResult("AB")) for body in ("52;c;QUI", "52;;QUI=", "52;p;QU\nI=")),
        ("52;c;QUI=\r\n", ClipboardResult("AB")),
        *((body, NO_TEXT) for body in ("52;c;", "52;c;A", "52;c;AAECAA==")),
        *((body, None) for body in ("11;rgb:00/00/00", "52;c;?", "52;c;<script>")),
    ],
)
def test_a_reply_is_read_and_no_other(body: str, read: ClipboardResult | None) -> None:
    assert parse_clipboard(TerminalReply(ReplyKind.OSC, body)) == read


class FakeTerminal:
    """A terminal that replies with `answer`, or not at all."""

    def __init__(
        self, answer: TerminalReply | None = None, copy: Callable[[str], bool] = bool
    ) -> None:
        self.sent: list[str] = []
        self.app = Mock()
        self._answer = answer
        self._copy = copy

    def clipboard(
        self, environ: Mapping[str, str], *, osc52_query: bool = True
    ) -> ClipboardController:
        def write(sequence: str) -> None:
            self.sent.append(sequence)
            if self._answer is not None:
                asyncio.get_running_loop().call_soon(made.on_reply, self._answer)

        made = ClipboardController(
            self.app,
            environ,
            Clipboard(osc52_query=osc52_query),
            terminal=Mock(copy=self._copy),
            write_query=write,
        )
        return made


@pytest.fixture
def _short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HINT_DELAY_S", "PERMISSION_TIMEOUT_S"):
        monkeypatch.setattr(f"pan123_tui.ui.clipboard.{name}", 0.01)


async def test_a_reply_after_the_hint_is_still_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pan123_tui.ui.clipboard.HINT_DELAY_S", 0.01)
    terminal = FakeTerminal()
    clipboard = terminal.clipboard({"TERM": "xterm-kitty", "SSH_TTY": "/dev/pts/1"})
    terminal.app.notify = lambda *_text, **_options: clipboard.on_reply(osc52(LINK))
    assert await clipboard.read_any() == ClipboardResult(LINK)


class FakeTmux:
    """Stands for the command `tmux`, whose outer terminal answers with a new buffer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, connection: str) -> None:
        self.buffers = {"buffer0": b"old"}
        self.written = b""
        self.answer = CommandResult(0, LINK.encode())
        self._connection = connection
        monkeypatch.setattr("pan123_tui.ui.clipboard.run_command", self.run)

    async def run(self, command: Sequence[str], **options: Any) -> CommandResult:
        match command[1:]:
            case ["show-environment", *_]:
                return self.done(self._connection.encode())
            case ["list-buffers", *_]:
                return self.done("\n".join(self.buffers).encode())
            case ["refresh-client", "-l"]:
                self.buffers["buffer1"] = self.answer.output
            case ["save-buffer", "-b", "buffer1", "-"]:
                return self.answer
            case ["delete-buffer", "-b", name]:
                del self.buffers[name]
            case ["load-buffer", "-w", "-"]:
                self.written = options["stdin"]
        return self.done(b"")

    def done(self, output: bytes) -> CommandResult:
        return CommandResult(0, output)


async def test_tmux_asks_and_its_buffer_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    tmux = FakeTmux(monkeypatch, "SSH_CONNECTION=10.0.0.1 5 10.0.0.2 22")
    clipboard = FakeTerminal().clipboard({"TMUX": "/tmp/tmux", "DISPLAY": ":0"})
    assert await clipboard.read_any() == ClipboardResult(LINK)
    tmux.answer = CommandResult(0, f"{LINK}\nhttps://b.exa".encode(), is_cut=True)
    assert await clipboard.read_any() == ClipboardResult(LINK), "no half link"
    assert tmux.buffers == {"buffer0": b"old"}
    assert await clipboard.write(LINK)
    assert tmux.written == LINK.encode()
    machine = await clipboard.read_machine()
    assert machine.failure is ClipboardFailure.REMOTE, "the client that is attached now counts"


async def test_a_tmux_attached_here_has_this_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeTmux(monkeypatch, "-SSH_CONNECTION")
    begun_over_ssh = SSH | {"SSH_CLIENT": "10.0.0.1 5 22", "SSH_TTY": "/dev/pts/1"}
    machine = await FakeTerminal().clipboard(begun_over_ssh | {"TMUX": "/tmp/tmux"}).read_machine()
    assert machine.failure is not ClipboardFailure.REMOTE


async def test_a_reply_without_a_query_is_dropped_and_so_are_other_replies() -> None:
    terminal = FakeTerminal()
    clipboard = terminal.clipboard(SSH | {"TERM": "foot"})
    clipboard.on_reply(osc52("first"))
    reading = asyncio.create_task(clipboard.read_any())
    while not terminal.sent:  # noqa: ASYNC110 - it is asked within a few turns
        await asyncio.sleep(0)
    clipboard.on_reply(TerminalReply(ReplyKind.DEVICE, "?62"))
    for text in ("second", "third"):
        clipboard.on_reply(osc52(text))
    assert await reading == ClipboardResult("second")
