"""What a terminal supports (over ssh only TERM tells), and the sequences that are sent to it."""

from base64 import b64decode
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.terminal.escape_codes import (
    MAX_COPY_BYTES,
    POP_TITLE,
    PUSH_TITLE,
    Capabilities,
    ColorSystem,
    Multiplexer,
    Terminal,
    detect_capabilities,
    title_sequence,
)

ABLE = Capabilities(has_notifications=True, has_title=True)
TMUX = Capabilities(has_notifications=True, has_title=True, multiplexer=Multiplexer.TMUX)
NOTICE = "\x1b]9;2 failed\a"
TITLE = "62% · 3 running"


class Line:
    """Records what is written."""

    def __init__(self, kind: Capabilities = ABLE) -> None:
        self.written: list[str] = []
        self.terminal = Terminal(self.written.append, kind)


def copied(text: str, kind: Capabilities = ABLE) -> str:
    line = Line(kind)
    assert line.terminal.copy(text)
    return "".join(line.written)


def test_gnu_screen_gets_a_long_sequence_in_parts() -> None:
    sent = copied("x" * 1600, Capabilities(multiplexer=Multiplexer.SCREEN))
    assert sent.count("\x1bP") == 3
    assert sent.replace("\x1bP", "").replace("\x1b\\", "") == copied("x" * 1600)


@given(st.text())
def test_no_text_breaks_out_of_its_sequence(text: str) -> None:
    line = Line()
    line.terminal.notify(text)
    for sequence, head in ((title_sequence(text), "\x1b]0;"), (line.written[1], "\x1b]9;")):
        inside = sequence.removeprefix(head).removesuffix("\a")
        assert sequence == f"{head}{inside}\a"
        assert not {char for char in inside if category(char) in ("Cc", "Cf", "Cs")}
        assert ";" not in inside


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_copied_text_arrives_as_it_is(text: str) -> None:
    assert b64decode(copied(text).removeprefix("\x1b]52;c;").removesuffix("\a")).decode() == text


def test_a_lone_surrogate_can_be_copied_without_a_crash() -> None:
    assert b64decode(copied("a\udc80")[7:-1]) == b"a?"


def test_the_title_is_pushed_once_and_given_back_once() -> None:
    line = Line()
    for _again in range(2):
        line.terminal.open()
        line.terminal.set_title(TITLE)
    line.terminal.release_mouse(True)
    line.terminal.close()
    line.terminal.close()
    assert line.written == [
        PUSH_TITLE,
        f"\x1b]0;{TITLE}\a",
        "\x1b[?1000l\x1b[?1002l\x1b[?1015l\x1b[?1006l",
        "\x1b[?1000h\x1b[?1002h\x1b[?1015h\x1b[?1006h",
        "\x1b]0;Terminal\a" + POP_TITLE,
    ]
    line.terminal.set_title("")
    assert len(line.written) == 5


def test_a_terminal_gets_only_what_it_is_able_to_show() -> None:
    line = Line(Capabilities(has_mouse=False))
    line.terminal.open()
    line.terminal.set_title(TITLE)
    line.terminal.notify("2 failed")
    line.terminal.release_mouse(True)
    line.terminal.close()
    assert "".join(line.written) == "\a"


@pytest.mark.parametrize(("desktop", "sent"), [(True, ["\a", NOTICE]), (False, ["\a"])])
def test_a_notification_on_the_desktop_can_be_switched_off(desktop: bool, sent: list[str]) -> None:
    line = Line()
    line.terminal.notify("2 failed", desktop=desktop)
    assert line.written == sent


def test_inside_tmux_a_notice_is_handed_on_and_a_copy_goes_both_ways() -> None:
    line = Line(TMUX)
    line.terminal.notify("2 failed")
    sequence = copied("https://a.b/c")
    assert line.terminal.copy("https://a.b/c")
    handed_on = [f"\x1bPtmux;\x1b{it}\x1b\\" for it in (NOTICE, sequence)]
    assert line.written == ["\a", handed_on[0], sequence, handed_on[1]]


def test_what_is_too_long_for_the_clipboard_is_not_sent_in_part() -> None:
    line = Line()
    assert not line.terminal.copy("x" * MAX_COPY_BYTES)
    assert line.written == []


TRUE, SOME, FEW = ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD


TERMS = {
    TRUE: "xterm-kitty alacritty foot xterm-ghostty wezterm vscode",
    SOME: "xterm xterm-256color rxvt-unicode st-256color putty screen tmux tmux-256color",
    FEW: "linux xterm-16color rxvt-color vt220 cons25",
}


@pytest.mark.parametrize(
    ("term", "colors"),
    [("", TRUE), *((it, colors) for colors in TERMS for it in TERMS[colors].split())],
)
def test_term_alone_tells_the_colours(term: str, colors: ColorSystem) -> None:
    assert detect_capabilities({"TERM": term}).color_system is colors


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, TRUE),
        ({"TERM": "rxvt-unicode-256color", "COLORTERM": "rxvt"}, SOME),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, TRUE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, TRUE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, SOME),
        ({"TERM": "tmux-256color", "TMUX": "/x", "COLORTERM": "truecolor"}, TRUE),
        ({"TERM": "tmux-256color", "TMUX": "/x", "LC_TERMINAL": "iTerm2"}, SOME),
        ({"TERM": "screen", "STY": "1", "COLORTERM": "truecolor"}, SOME),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, FEW),
        ({"TERM": "xterm-kitty", "TEXTUAL_COLOR_SYSTEM": "standard"}, FEW),
        ({"TERM": "linux", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, TRUE),
    ],
)
def test_other_variables_say_more(environ: dict[str, str], expected: ColorSystem) -> None:
    assert detect_capabilities(environ).color_system is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "foot-extra"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "alacritty"}, False),
        ({"TERM": "screen", "STY": "1", "LC_TERMINAL": "iTerm2"}, False),
        ({}, False),
    ],
)
def test_only_a_known_terminal_gets_notifications(environ: dict[str, str], expected: bool) -> None:
    assert detect_capabilities(environ).has_notifications is expected


@pytest.mark.parametrize(
    ("environ", "lacks"),
    [
        ({"TERM": "xterm-256color"}, set()),
        ({"TERM": "tmux-256color", "TMUX": "/x"}, set()),
        ({"TERM": "linux"}, {"has_title", "has_symbols"}),
        ({"TERM": "vt100"}, {"has_title"}),
        ({"TERM": "screen", "STY": "1.pts-0.host"}, {"has_mouse"}),
        ({}, {"has_title"}),
    ],
)
def test_some_terminals_lack_what_most_have(environ: dict[str, str], lacks: set[str]) -> None:
    found: Capabilities = detect_capabilities(environ)
    usual = ("has_title", "has_symbols", "has_mouse")
    assert {name for name in usual if not getattr(found, name)} == lacks
