"""What a terminal supports; over ssh only TERM tells, since COLORTERM is not passed."""

import pytest

from pan123_tui.ui.terminal.capabilities import (
    Capabilities,
    ColorSystem,
    detect_capabilities,
    unsupported_reason,
)

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
        ({"TERM": "vt100"}, {"has_title", "can_erase"}),
        ({"TERM": "screen", "STY": "1.pts-0.host"}, {"can_erase", "has_mouse"}),
        ({}, {"has_title", "can_erase"}),
    ],
)
def test_some_terminals_lack_what_most_have(environ: dict[str, str], lacks: set[str]) -> None:
    found: Capabilities = detect_capabilities(environ)
    usual = ("has_title", "has_symbols", "has_mouse", "can_erase")
    assert {name for name in usual if not getattr(found, name)} == lacks


@pytest.mark.parametrize(
    ("environ", "isatty_in", "isatty_err", "words"),
    [
        ({"TERM": "xterm"}, True, False, "standard error"),
        ({"TERM": "xterm"}, False, True, "add -"),
        ({"TERM": "dumb"}, True, True, "TERM is “dumb”"),
        ({}, True, True, "ssh -t"),
        ({"TERM": "dumb"}, False, False, "standard error"),
        ({"SSH_CONNECTION": "a 1 b 22"}, False, False, "“ssh -t HOST pan123-tui”"),
        ({"SSH_CONNECTION": "a 1 b 22", "SSH_TTY": "/dev/pts/1"}, False, False, "standard error"),
    ],
)
def test_where_no_screen_can_be_drawn_a_sentence_says_what_to_do(
    environ: dict[str, str], isatty_in: bool, isatty_err: bool, words: str
) -> None:
    assert words in (unsupported_reason(environ, isatty_in, isatty_err) or "")


def test_a_real_terminal_is_good_enough() -> None:
    assert unsupported_reason({"TERM": "xterm"}, True, True) is None
