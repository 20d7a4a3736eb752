"""What a terminal supports; over ssh only TERM tells, since COLORTERM is not passed."""

import pytest

from pan123_tui.terminal.capabilities import Capabilities, ColorSystem, detect_capabilities

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
        ({"TERM": "screen-256color", "SSH_TTY": "/x"}, {"can_erase"}),  # from inside tmux
        ({}, {"has_title", "can_erase"}),
    ],
)
def test_some_terminals_lack_what_most_have(environ: dict[str, str], lacks: set[str]) -> None:
    found: Capabilities = detect_capabilities(environ)
    usual = ("has_title", "has_symbols", "has_mouse", "can_erase")
    assert {name for name in usual if not getattr(found, name)} == lacks
