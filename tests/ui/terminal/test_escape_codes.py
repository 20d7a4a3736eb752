"""The escape sequences, and which terminals they are sent to."""

from base64 import b64decode
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.shown import Shown
from pan123_tui.ui.terminal.capabilities import (
    Capabilities,
    Multiplexer,
    NotificationProtocol,
    detect_capabilities,
    unsupported_reason,
)
from pan123_tui.ui.terminal.escape_codes import (
    MAX_COPY_BYTES,
    NO_PROGRESS,
    POP_TITLE,
    PUSH_TITLE,
    Terminal,
    TitleSummary,
    copy_sequence,
    format_title,
    notify_sequence,
    progress_sequence,
    title_sequence,
    wrap_for_multiplexer,
)
from pan123_tui.wording.outcomes import outcome_text

BUSY = TitleSummary(62.9, {Shown.RUNNING: 3, Shown.QUEUED: 12, Shown.FAILED: 1, Shown.DONE: 9})
ABLE = Capabilities(NotificationProtocol.OSC_9, has_progress=True, has_title=True)
TMUX = Capabilities(NotificationProtocol.OSC_99, has_title=True, multiplexer=Multiplexer.TMUX)


def _controls(text: str) -> set[str]:
    """Return the characters that a terminal would obey, or that cannot be encoded."""
    return {char for char in text if category(char) in ("Cc", "Cf", "Cs")}


class Line:
    """Records what is written."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def terminal(self, kind: Capabilities = ABLE) -> Terminal:
        return Terminal(self.written.append, kind)


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-kitty"}, NotificationProtocol.OSC_99),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, NotificationProtocol.OSC_99),
        ({"TERM": "xterm-ghostty"}, NotificationProtocol.OSC_777),
        ({"TERM": "foot-extra"}, NotificationProtocol.OSC_777),
        ({"TERM": "rxvt-unicode-256color"}, NotificationProtocol.OSC_777),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, NotificationProtocol.OSC_9),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, NotificationProtocol.OSC_9),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, NotificationProtocol.OSC_9),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, None),
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "screen", "STY": "1", "KITTY_WINDOW_ID": "1"}, None),
        (
            {"TERM": "tmux-256color", "TMUX": "/x", "KITTY_WINDOW_ID": "1"},
            NotificationProtocol.OSC_99,
        ),
        ({}, None),
    ],
)
def test_only_a_known_terminal_gets_notifications(
    environ: dict[str, str], way: NotificationProtocol | None
) -> None:
    assert detect_capabilities(environ).notify is way


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, True),
        ({"TERM": "xterm-ghostty"}, True),
        ({"TERM": "xterm-kitty"}, False),
        ({"TERM": "tmux-256color", "TMUX": "/x", "WT_SESSION": "x"}, False),
        ({"TERM": "xterm"}, False),
    ],
)
def test_progress_goes_only_where_it_is_no_text(environ: dict[str, str], expected: bool) -> None:
    assert detect_capabilities(environ).has_progress is expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [("xterm-256color", True), ("tmux-256color", True), ("linux", False), ("vt100", False)],
)
def test_a_console_gets_no_title(term: str, expected: bool) -> None:
    assert detect_capabilities({"TERM": term}).has_title is expected


def test_the_mouse_is_not_tracked_in_gnu_screen() -> None:
    assert detect_capabilities({"TERM": "tmux-256color", "TMUX": "/x"}).has_mouse
    inside_screen = detect_capabilities({"TERM": "screen", "STY": "1.pts-0.host"})
    assert not inside_screen.has_mouse
    line = Line()
    terminal = line.terminal(inside_screen)
    terminal.release_mouse(True)
    terminal.release_mouse(False)
    assert line.written == []


@pytest.mark.parametrize(
    ("environ", "isatty_in", "isatty_err", "words"),
    [
        ({"TERM": "xterm"}, True, False, "standard error"),
        ({"TERM": "xterm"}, False, True, "add -"),
        ({"TERM": "dumb"}, True, True, "TERM is “dumb”"),
        ({}, True, True, "ssh -t"),
        ({"TERM": "dumb"}, False, False, "standard error"),
        ({"SSH_CONNECTION": "a 1 b 22"}, False, False, "“ssh -t HOST pan123-tui”"),
        ({"SSH_CONNECTION": "a 1 b 22", "TERM": "dumb"}, False, False, "“pan123-tui add -”"),
        ({"SSH_CONNECTION": "a 1 b 22", "SSH_TTY": "/dev/pts/1"}, False, False, "standard error"),
        ({"SSH_CONNECTION": "a 1 b 22", "TERM": "xterm"}, True, False, "standard error"),
    ],
)
def test_where_no_screen_can_be_drawn_a_sentence_says_what_to_do(
    environ: dict[str, str], isatty_in: bool, isatty_err: bool, words: str
) -> None:
    assert words in (unsupported_reason(environ, isatty_in, isatty_err, platform="linux") or "")


def test_a_real_terminal_is_good_enough_and_windows_sets_no_term() -> None:
    assert unsupported_reason({"TERM": "xterm"}, True, True) is None
    assert unsupported_reason({}, True, True, platform="win32") is None


def test_the_title_says_counts_only() -> None:
    assert format_title(BUSY) == "62% · 3 running · 12 queued · 1 failed"
    assert format_title(TitleSummary()) == "pan123-tui"
    assert format_title(TitleSummary(), "work") == "work · pan123-tui"
    assert format_title(BUSY, "work").startswith("work · 62%")
    assert outcome_text({Shown.DONE: 12, Shown.FAILED: 2}) == "12 done, 2 failed"
    assert outcome_text({Shown.DONE: 1, Shown.FAILED: 0}) == "1 done"


def test_sequences_are_those_that_the_terminals_document() -> None:
    assert title_sequence("62%") == "\x1b]0;62%\a"
    assert notify_sequence(NotificationProtocol.OSC_9, "done") == "\x1b]9;pan123-tui: done\a"
    assert (
        notify_sequence(NotificationProtocol.OSC_777, "a;b") == "\x1b]777;notify;pan123-tui;a,b\a"
    )
    assert notify_sequence(NotificationProtocol.OSC_99, "done") == (
        "\x1b]99;i=pan123-tui:d=0;pan123-tui\x1b\\\x1b]99;i=pan123-tui:d=1:p=body;done\x1b\\"
    )
    assert progress_sequence(TitleSummary(62.9)) == "\x1b]9;4;1;62\a"
    assert progress_sequence(TitleSummary(400.0, {Shown.FAILED: 1})) == "\x1b]9;4;2;100\a"
    assert progress_sequence(TitleSummary()) == NO_PROGRESS


def test_multiplexers_get_their_wrapping() -> None:
    assert wrap_for_multiplexer("\x1b]9;x\a", Multiplexer.TMUX) == "\x1bPtmux;\x1b\x1b]9;x\a\x1b\\"
    assert wrap_for_multiplexer("\x1b]9;x\a", Multiplexer.NONE) == "\x1b]9;x\a"
    long = wrap_for_multiplexer("x" * 1600, Multiplexer.SCREEN)
    assert long.count("\x1bP") == 3
    assert long.replace("\x1bP", "").replace("\x1b\\", "") == "x" * 1600


@given(st.text(), st.sampled_from(NotificationProtocol))
def test_no_text_breaks_out_of_its_sequence(text: str, way: NotificationProtocol) -> None:
    title = title_sequence(text)
    assert title.startswith("\x1b]0;")
    assert title.endswith("\a")
    assert not _controls(title[4:-1])
    notice = notify_sequence(way, text)
    assert _controls(notice) <= {"\x1b", "\a"}
    assert notice.count("\x1b") == notify_sequence(way, "x").count("\x1b")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_copied_text_arrives_as_it_is(text: str) -> None:
    sequence = copy_sequence(text)
    assert b64decode(sequence.removeprefix("\x1b]52;c;").removesuffix("\a")).decode() == text


def test_a_lone_surrogate_can_be_copied_without_a_crash() -> None:
    assert b64decode(copy_sequence("a\udc80")[7:-1]) == b"a?"


def test_the_title_is_pushed_once_and_given_back_once() -> None:
    line = Line()
    terminal = line.terminal()
    terminal.open()
    terminal.open()
    terminal.show(BUSY)
    terminal.show(BUSY)
    terminal.release_mouse(True)
    terminal.close()
    terminal.close()
    assert line.written == [
        PUSH_TITLE,
        title_sequence(format_title(BUSY)) + progress_sequence(BUSY),
        "\x1b[?1000l\x1b[?1002l\x1b[?1015l\x1b[?1006l",
        "\x1b[?1000h\x1b[?1002h\x1b[?1015h\x1b[?1006h",
        NO_PROGRESS + "\x1b]0;Terminal\a" + POP_TITLE,
    ]


def test_each_kind_can_be_switched_off() -> None:
    line = Line()
    terminal = line.terminal()
    terminal.open()
    line.written.clear()
    terminal.show(BUSY, title=False, progress=False)
    terminal.notify("1 succeeded", bell=False, desktop=False)
    terminal.notify("")
    assert line.written == []
    terminal.notify("1 succeeded", desktop=False)
    assert line.written == ["\a"]


def test_inside_tmux_a_notice_is_handed_on_and_a_copy_goes_both_ways() -> None:
    line = Line()
    terminal = line.terminal(TMUX)
    terminal.notify("2 failed", bell=False)
    assert line.written[0].startswith("\x1bPtmux;\x1b\x1b]99;")
    line.written.clear()
    assert terminal.copy("https://a.b/c")
    assert line.written == [
        copy_sequence("https://a.b/c"),
        wrap_for_multiplexer(copy_sequence("https://a.b/c"), Multiplexer.TMUX),
    ]


def test_what_is_too_long_for_the_clipboard_is_not_sent_in_part() -> None:
    line = Line()
    assert not line.terminal().copy("x" * MAX_COPY_BYTES)
    assert line.written == []


def test_without_a_terminal_nothing_happens() -> None:
    terminal = Terminal(None, ABLE)
    terminal.open()
    terminal.show(BUSY)
    terminal.notify("1 succeeded, 1 failed")
    assert terminal.copy("x")
    terminal.close()
