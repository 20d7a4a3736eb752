"""Contrast: other themes with colours moved until texts can be read and states told apart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from textual.color import Color
from textual.geometry import clamp
from textual.theme import Theme

READABLE, VISIBLE = 4.5, 3.0
"""What WCAG asks for, from 1 to 21: for texts, and for edges and bars."""
SAME = {
    "foreground": (
        *("text", "footer-foreground", "button-foreground"),
        *("block-cursor-foreground", "block-cursor-blurred-foreground"),
    ),
    "primary": (
        *("text-primary", "text-accent", "border"),
        *("scrollbar-active", "footer-key-foreground"),
    ),
    "success": ("text-success",),
    "warning": ("text-warning",),
    "error": ("text-error",),
    "text-muted": ("text-secondary", "scrollbar-hover", "footer-description-foreground"),
    "text-disabled": ("border-blurred", "scrollbar"),
    "background": ("scrollbar-background", "button-color-foreground"),
    "surface": ("footer-background",),
    "block-cursor-blurred-background": ("block-hover-background",),
}
"""Tokens that share the colour of another one."""
_SURFACE, _BLURRED, _CURSOR = 1.2, 1.2, 1.35
"""Contrasts to the background; further ones of the surfaces would make all texts pale."""
_STATES: Mapping[str, tuple[float, float, float, float]] = {
    "success": (115, 150, 0.4, 0.55),
    "error": (350, 370, 0.7, 1.0),
    "warning": (38, 50, 0.7, 1.0),
    "primary": (208, 262, 1.0, 1.0),
}
"""Of each state the first and the last hue in degrees, the least and the most saturation.

None is fainter than the first one: what has arrived needs nobody.
"""
_OWN = ("background", "foreground", "surface", "panel", *_STATES)
"""The colours of a theme that all others are made from."""
_TINT = 0.02
"""The most saturation of muted texts and edges, so that they look like no state."""


def same_colors(colors: Mapping[str, str]) -> dict[str, str]:
    """Return the tokens that share one of `colors`."""
    return {token: colors[of] for of, tokens in SAME.items() if of in colors for token in tokens}


def readable(theme: Theme) -> Theme:
    """Return `theme` with its colours changed as far as needed."""
    mixed = theme.to_color_system().generate()
    named = {name: Color.parse(mixed[name]) for name in _OWN}
    grounds = _grounds(named)
    back = grounds["background"]

    def first(shades: Iterable[Color], least: float = READABLE, beside: float = 1.0) -> Color:
        """Return the first with the `least` contrast to all grounds, and `beside` to the first."""
        return next(
            it
            for it in shades
            if contrast(it, back) >= beside
            and all(contrast(it, ground) >= least for ground in grounds.values())
        )

    middle, end = (0.3, 1.0) if theme.dark else (0.7, 0.0)
    hue, saturation, lightness = named["foreground"].hsl
    fore = first(_shades(hue, saturation, lightness, end))
    dim = [*_shades(hue, min(saturation, _TINT), middle, end)]
    colors = grounds | {
        "foreground": fore,
        "text-muted": first(dim),
        "text-disabled": first(dim, VISIBLE),
    }
    faintest = 1.0
    for name, (start, stop, least, most) in _STATES.items():
        hue, saturation, lightness = named[name].hsl
        beyond = (hue * 360 - start + 180) % 360 - 180
        hue = (start + clamp(beyond, 0, stop - start)) / 360 % 1
        begin = lightness if faintest > 1 else middle
        colors[name] = first(
            _shades(hue, clamp(saturation, least, most), begin, end), beside=faintest
        )
        faintest = contrast(colors["success"], back)
    marked = (it for it in _blends(colors["primary"], back) if contrast(fore, it) >= READABLE)
    colors["input-selection-background"] = next(marked)
    shown = {name: it.hex for name, it in colors.items()}
    base: dict[str, Any] = {name: shown[name] for name in _STATES} | {"accent": shown["primary"]}
    return replace(theme, **base, variables=theme.variables | shown | same_colors(shown))


def _grounds(named: Mapping[str, Color]) -> dict[str, Color]:
    """Return what texts stand on: the background, and shades near to it."""
    back = named["background"]
    grounds = {"background": back}
    for name in ("surface", "panel"):
        nearer = _blends(named[name], back)
        grounds[name] = next(it for it in nearer if contrast(it, back) <= _SURFACE)
    for name, least in (("cursor-blurred", _BLURRED), ("cursor", _CURSOR)):
        grounds[f"block-{name}-background"] = next(
            tint
            for tint in _blends(back, named["primary"])
            if contrast(tint, back) >= least
            and all(contrast(tint, it) > 1 for it in grounds.values())
        )
    return grounds


def _blends(one: Color, other: Color) -> Iterator[Color]:
    return (one.blend(other, percent / 100, alpha=1.0) for percent in range(0, 101, 2))


def _shades(hue: float, saturation: float, start: float, end: float) -> Iterator[Color]:
    """Yield colours from one lightness to another."""
    steps = (start + (end - start) * percent / 100 for percent in range(0, 101, 2))
    return (Color.from_hsl(hue, saturation, lightness) for lightness in steps)


def contrast(one: Color, other: Color) -> float:
    """Return WCAG's contrast ratio."""
    low, high = sorted(_luminance(it.rgb) for it in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: Iterable[int]) -> float:
    parts = (it / 255 for it in rgb)
    linear = (it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts)
    return sum(w * it for w, it in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
