"""Text from outside and progress as renderables: harmless, of a known width, never markup."""

from rich.style import Style
from rich.text import Text
from textual.content import Content

from pan123_tui.domain.visible import Cut, visible

_BAR = ("╍", "╌")
"""Done and still to do: signs of one cell in every font, told apart without colour."""


def plain(
    text: str,
    max_width: int | None = None,
    *,
    cut: Cut = "end",
    style: str | Style = "",
) -> Text:
    """Make one line of `text` from outside, at most `max_width` cells wide."""
    return Text(visible(text, max_width, cut=cut), style=style, no_wrap=True, end="")


def plain_content(text: str, max_width: int | None = None, *, cut: Cut = "end") -> Content:
    """Make one line of `text` from outside as Textual's `Content`."""
    return Content(visible(text, max_width, cut=cut))


def plain_block(text: str) -> Content:
    """Make `text` of any origin harmless, keeping the ends of its lines."""
    return Content("\n".join(visible(line) for line in text.splitlines()))


def highlighted(text: Text, needle: str, style: str | Style) -> Text:
    """Lay `style` over each place of `needle` in `text`, whatever its case; gives `text`."""
    if needle:
        text.highlight_words([needle], style, case_sensitive=False)
    return text


def bar_parts(percent: float, cells: int) -> tuple[str, str]:
    """Give the done and the open part of a bar of `cells` cells; full only at 100 percent."""
    filled = int(min(max(percent, 0), 100) * cells / 100)
    done, rest = _BAR
    return done * filled, rest * (cells - filled)
