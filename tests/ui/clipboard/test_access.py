"""Which clipboard is the user's, and how the terminal's replies are parsed."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping

import pytest

from pan123_tui.ui.clipboard import access
from pan123_tui.ui.clipboard.access import (
    QUERY_CLIPBOARD,
    QUERY_NAME,
    ClipboardAccess,
    TerminalQueries,
    is_known_to_reply,
    is_replying_name,
    parse_clipboard,
    parse_name,
    supports_name_query,
)
from pan123_tui.ui.clipboard.local import (
    ClipboardFailure,
    ClipboardResult,
    failure_text,
    is_remote,
    unavailable_reason,
    user_display_env,
    watch_unavailable_reason,
)
from pan123_tui.ui.terminal.input_parser import ReplyKind, TerminalReply

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
        (SSH | {"DISPLAY": "localhost:10.0"}, None),
    ],
)
def test_only_a_display_in_front_of_the_user_counts(
    environ: Mapping[str, str], failure: ClipboardFailure | None
) -> None:
    assert unavailable_reason(environ, platform="linux") is failure


def test_over_ssh_a_mac_has_no_clipboard_for_you() -> None:
    assert unavailable_reason({}, platform="darwin") is None
    assert unavailable_reason(SSH, platform="darwin") is ClipboardFailure.REMOTE


def test_over_ssh_nothing_is_watched_even_with_a_forwarded_display() -> None:
    assert watch_unavailable_reason(SSH | {"DISPLAY": "localhost:10.0"}) is ClipboardFailure.REMOTE
    assert is_remote(SSH)


def test_a_forwarded_display_hides_the_other_machines_wayland() -> None:
    environ = SSH | {"DISPLAY": "localhost:10.0", "WAYLAND_DISPLAY": "wayland-0"}
    assert "WAYLAND_DISPLAY" not in user_display_env(environ)
    assert user_display_env(environ)["DISPLAY"] == "localhost:10.0"


@pytest.mark.parametrize("failure", ClipboardFailure)
def test_every_failure_has_a_sentence_that_says_what_to_do(failure: ClipboardFailure) -> None:
    says_what_to_do = failure not in (ClipboardFailure.EMPTY, ClipboardFailure.SECRET)
    assert ("paste key" in failure_text(failure)) is says_what_to_do


@pytest.mark.parametrize(
    ("environ", "known", "is_queryable"),
    [
        ({"TERM": "xterm-kitty"}, True, True),
        ({"TERM": "xterm-256color"}, False, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True, True),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, True, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False, False),
        ({"TERM": "linux"}, False, False),
        ({"TERM": "screen-256color"}, False, False),
        ({}, False, False),
    ],
)
def test_terminals_are_known_by_their_environment(
    environ: Mapping[str, str], known: bool, is_queryable: bool
) -> None:
    assert is_known_to_reply(environ) is known
    assert supports_name_query(environ) is is_queryable


def test_terminals_are_known_by_the_name_that_they_report() -> None:
    assert parse_name(TerminalReply(ReplyKind.DCS, ">|ghostty 1.1.0")) == "ghostty 1.1.0"
    assert parse_name(TerminalReply(ReplyKind.DEVICE, "?62;4")) == ""
    assert parse_name(osc52("x")) is None
    assert is_replying_name("kitty(0.40.1)")
    assert is_replying_name("iTerm2 3.5.4")
    assert not is_replying_name("XTerm(390)")
    assert not is_replying_name("WezTerm 20240203")
    assert not is_replying_name("")


@pytest.mark.parametrize("body", ["52;c;QUI", "52;;QUI=", "52;p;QU\nI=", "52;c;QUI=\r\n"])
def test_base64_is_read_with_or_without_its_padding(body: str) -> None:
    assert parse_clipboard(TerminalReply(ReplyKind.OSC, body)) == ClipboardResult("AB")


@pytest.mark.parametrize("body", ["52;c;", "52;c;A", "52;c;AAECAA=="])
def test_nothing_and_binary_are_no_text(body: str) -> None:
    assert parse_clipboard(TerminalReply(ReplyKind.OSC, body)) == ClipboardResult(
        failure=ClipboardFailure.EMPTY
    )


@pytest.mark.parametrize("body", ["11;rgb:00/00/00", "52;c;?", "52;c;<script>"])
def test_other_replies_are_not_taken_for_a_clipboard(body: str) -> None:
    assert parse_clipboard(TerminalReply(ReplyKind.OSC, body)) is None


class FakeTerminal:
    """A terminal that replies to each query as configured, or not at all."""

    def __init__(self, **answers: TerminalReply) -> None:
        self.sent: list[str] = []
        self.queries = TerminalQueries(self.write)
        self._answers = {QUERY_NAME: answers.get("name"), QUERY_CLIPBOARD: answers.get("clipboard")}

    def write(self, sequence: str) -> None:
        self.sent.append(sequence)
        if (reply := self._answers[sequence]) is not None:
            asyncio.get_running_loop().call_soon(self.queries.on_reply, reply)

    def access(self, environ: Mapping[str, str]) -> ClipboardAccess:
        return ClipboardAccess(environ, queries=self.queries, copy_to_terminal=lambda _text: False)


@pytest.fixture
def _short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAME_TIMEOUT_S", "HINT_DELAY_S", "PERMISSION_TIMEOUT_S"):
        monkeypatch.setattr(access, name, 0.01)


def never() -> None:
    raise AssertionError("nothing to wait for")


async def test_a_terminal_that_gives_its_name_is_asked() -> None:
    kitty = TerminalReply(ReplyKind.DCS, ">|kitty(0.40.1)")
    terminal = FakeTerminal(name=kitty, clipboard=osc52(LINK))
    access = terminal.access(SSH)
    assert await access.read(on_wait=never) == ClipboardResult(LINK)
    assert await access.read(on_wait=never) == ClipboardResult(LINK)
    assert terminal.sent == [QUERY_NAME, QUERY_CLIPBOARD, QUERY_CLIPBOARD]


@pytest.mark.usefixtures("_short_timeouts")
async def test_a_terminal_that_is_not_known_to_answer_is_never_asked() -> None:
    terminal = FakeTerminal(name=TerminalReply(ReplyKind.DEVICE, "?62"), clipboard=osc52(LINK))
    assert await terminal.access(SSH).read(on_wait=never) == ClipboardResult(
        failure=ClipboardFailure.CANNOT_ASK
    )
    silent = FakeTerminal(clipboard=osc52(LINK))
    assert await silent.access(SSH).read(on_wait=never) == ClipboardResult(
        failure=ClipboardFailure.CANNOT_ASK
    )
    assert silent.sent == terminal.sent == [QUERY_NAME]


async def test_without_queries_the_reason_is_the_machines() -> None:
    access = ClipboardAccess(SSH, queries=None, copy_to_terminal=lambda _text: False)
    assert await access.read(on_wait=never) == ClipboardResult(failure=ClipboardFailure.REMOTE)


@pytest.mark.usefixtures("_short_timeouts")
async def test_the_user_is_told_of_a_long_wait_and_then_of_its_end() -> None:
    waits: list[str] = []
    access = FakeTerminal().access({"TERM": "xterm-kitty", "SSH_TTY": "/dev/pts/1"})
    result = await access.read(on_wait=lambda: waits.append("waits"))
    assert (result, waits) == (ClipboardResult(failure=ClipboardFailure.NO_ANSWER), ["waits"])


async def test_a_reply_after_the_user_was_told_is_still_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "HINT_DELAY_S", 0.01)
    terminal = FakeTerminal()
    clipboard = terminal.access({"TERM": "xterm-kitty", "SSH_TTY": "/dev/pts/1"})
    result = await clipboard.read(on_wait=lambda: terminal.queries.on_reply(osc52(LINK)))
    assert result == ClipboardResult(LINK)


async def test_a_reply_without_a_query_is_dropped() -> None:
    queries = TerminalQueries(lambda _sequence: None)
    queries.on_reply(osc52("first"))
    answer = queries.send(QUERY_CLIPBOARD, parse_clipboard)
    queries.on_reply(TerminalReply(ReplyKind.DEVICE, "?62"))
    assert not answer.done()
    queries.on_reply(osc52("second"))
    queries.on_reply(osc52("third"))
    assert await answer == ClipboardResult("second")
