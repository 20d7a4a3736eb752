"""Contrast: other themes with texts that can be read on each ground, in their own colours."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.color import ColorSystem
from textual.color import BLACK, WHITE, Color
from textual.theme import Theme

READABLE = 4.5
"""What WCAG asks for, from 1 to 21."""
_SURFACE, _BLURRED, _CURSOR = 1.2, 1.2, 1.4
"""Contrasts to the background; further ones of the surfaces would make all texts pale."""
_TEXTS = ("primary", "secondary", "accent", "success", "warning", "error")
_SAME = {
    "foreground": (
        *("text", "footer-foreground", "button-foreground"),
        *("block-cursor-foreground", "block-cursor-blurred-foreground"),
    ),
    "text-primary": ("footer-key-foreground",),
    "text-muted": ("footer-description-foreground",),
    "surface": ("footer-background",),
    "block-cursor-blurred-background": ("block-hover-background",),
}


def readable(theme: Theme, *, has_256: bool) -> Theme:
    """Return `theme` with colours changed as far as needed, also as a terminal `has_256`."""

    def contrast(one: Color, other: Color) -> float:
        return _contrast(*map(_in_256, (one, other))) if has_256 else _contrast(one, other)

    named = theme.to_color_system().generate()
    own = {it: Color.parse(named[it]) for it in ("background", "foreground", "surface", "panel")}
    fore, end = own["foreground"], WHITE if theme.dark else BLACK
    if has_256:  # the darkest of which that are no greys are bright
        own = {name: it.monochrome for name, it in own.items()}
    back = own["background"]
    tints = _blends(back, end if has_256 else Color.parse(named["primary"]))
    grounds = {"background": back}
    for name in ("surface", "panel"):
        nearer = _blends(own[name], back)
        grounds[name] = next(it for it in nearer if contrast(it, back) <= _SURFACE)
    for name, least in (("cursor-blurred", _BLURRED), ("cursor", _CURSOR)):
        grounds[f"block-{name}-background"] = next(
            tint
            for tint in tints
            if contrast(tint, back) >= least
            and all(contrast(tint, it) > 1 for it in grounds.values())
        )
    texts = {f"text-{it}": Color.parse(named[it]) for it in _TEXTS}
    texts |= {"foreground": fore, "text-muted": fore.blend(back, 0.3)}
    colors = dict(grounds)
    for name, text in texts.items():
        colors[name] = next(
            color
            for color in _blends(text, end)
            if all(contrast(color, it) >= READABLE for it in grounds.values())
        )
    selections = (it for it in tints if contrast(colors["foreground"], it) >= READABLE)
    colors["input-selection-background"] = [*selections][-1]
    colors["text-disabled"] = colors["border-blurred"] = back.blend(colors["text-muted"], 0.6)
    colors |= {other: colors[name] for name, others in _SAME.items() for other in others}
    return replace(theme, variables=theme.variables | {name: it.hex for name, it in colors.items()})


def _blends(one: Color, other: Color) -> Sequence[Color]:
    return [one.blend(other, percent / 100, alpha=1.0) for percent in range(0, 101, 2)]


def _in_256(color: Color) -> Color:
    """Return what Rich makes of `color`."""
    return Color.from_rich_color(color.rich_color.downgrade(ColorSystem.EIGHT_BIT))


def _contrast(one: Color, other: Color) -> float:
    """Return WCAG's contrast ratio."""
    low, high = sorted(_luminance(it.rgb) for it in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: Iterable[int]) -> float:
    parts = (it / 255 for it in rgb)
    linear = (it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts)
    return sum(w * it for w, it in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
