"""How many colours a terminal gets; over ssh only TERM tells, since COLORTERM is not passed."""

import pytest

from pan123_tui.ui.terminal.capabilities import ColorSystem, detect_capabilities

TRUE, SOME, FEW = ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("xterm-kitty", TRUE),
        ("alacritty", TRUE),
        ("alacritty-direct", TRUE),
        ("foot", TRUE),
        ("foot-extra", TRUE),
        ("xterm-ghostty", TRUE),
        ("ghostty", TRUE),
        ("wezterm", TRUE),
        ("contour", TRUE),
        ("konsole", TRUE),
        ("konsole-256color", TRUE),
        ("vscode", TRUE),
        ("xterm-direct", TRUE),
        ("", TRUE),
        ("xterm", SOME),
        ("xterm-256color", SOME),
        ("rxvt-unicode", SOME),
        ("rxvt-unicode-256color", SOME),
        ("st-256color", SOME),
        ("gnome", SOME),
        ("putty", SOME),
        ("screen", SOME),
        ("screen.xterm-256color", SOME),
        ("tmux", SOME),
        ("tmux-256color", SOME),
        ("tmux-direct", SOME),
        ("Eterm-256color", SOME),
        ("linux", FEW),
        ("xterm-16color", FEW),
        ("xterm-color", FEW),
        ("rxvt-color", FEW),
        ("vt220", FEW),
        ("ansi", FEW),
        ("cons25", FEW),
        ("stterm-16color", FEW),
    ],
)
def test_term_alone_tells_the_colours(term: str, expected: ColorSystem) -> None:
    assert detect_capabilities({"TERM": term}).color_system is expected


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
        ({"TERM": "tmux-256color", "TMUX": "/x", "KITTY_WINDOW_ID": "1"}, SOME),
        ({"TERM": "screen", "STY": "1", "COLORTERM": "truecolor"}, SOME),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, FEW),
        ({"TERM": "xterm-kitty", "TEXTUAL_COLOR_SYSTEM": "standard"}, FEW),
        ({"TERM": "linux", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, TRUE),
        ({"TERM": "xterm-kitty", "TEXTUAL_COLOR_SYSTEM": "auto"}, TRUE),
    ],
)
def test_other_variables_say_more(environ: dict[str, str], expected: ColorSystem) -> None:
    assert detect_capabilities(environ).color_system is expected


def test_only_the_linux_console_lacks_symbols() -> None:
    assert not detect_capabilities({"TERM": "linux"}).has_symbols
    assert detect_capabilities({"TERM": "xterm"}).has_symbols
