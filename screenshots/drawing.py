"""Draws a screen as compact SVG in which every character is in its own cells.

Textual's own SVG counts characters instead of cells, which misplaces Chinese text, and loads a
font from the network. Only its colours, texts and positions are used.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from xml.etree import ElementTree

from pan123_tui.domain.sanitize import width

CELL, LINE, SIZE = 8.4, 18.0, 14.0
"""A cell's width, a line's height, and the font size, in pixels."""
BASELINE = 13.5
MARGIN, BAR = 14.0, 30.0
FONTS = "'Noto Sans Mono','DejaVu Sans Mono',Menlo,Consolas,'Noto Sans Mono CJK SC',monospace"
_SOURCE_CELL, _SOURCE_LINE, _SOURCE_BASELINE = 12.2, 24.4, 20.0
_SOURCE_TOP = 1.5
_SVG = "{http://www.w3.org/2000/svg}"
_RULE = re.compile(r"\.(terminal-\d+-r\d+) \{ (.*?) \}")
_FILL = re.compile(r"fill: (#[0-9a-f]{6})")
_GAP = re.compile(r"(\s{2,})")
_CAPTION = (
    '<text x="{x:g}" y="19.5" text-anchor="middle" style="fill:#d8dee8;font-weight:bold">'
    "{caption}</text>"
)
_LIGHTS = ("#ff5f57", "#febc2e", "#28c840")


@dataclass(frozen=True, slots=True)
class Span:
    """A text in one style, or a background where `text` is empty."""

    column: int
    row: int
    cells: int
    css: str
    text: str = ""


def drawing(screenshot: str, *, columns: int, rows: int, title: str) -> str:
    """Draw the result of `App.export_screenshot()` as an SVG that suits fonts of any width."""
    source = ElementTree.fromstring(screenshot)
    css = dict(_RULE.findall(screenshot))
    backgrounds = list(_merged(_backgrounds(source)))
    ground = max(backgrounds, key=lambda span: span.cells).css if backgrounds else "#000000"
    spans = [*backgrounds, *_texts(source, css)]
    return window(spans, columns=columns, rows=rows, title=title, ground=ground)


def window(
    spans: Sequence[Span], *, columns: int, rows: int, title: str, ground: str, caption: str = ""
) -> str:
    """Draw `spans` in a terminal window with background `ground` and `caption` in its bar."""
    backgrounds = [span for span in spans if not span.text]
    texts = [piece for span in spans if span.text.strip() for piece in _pieces(span)]
    names = {css: f"c{n}" for n, css in enumerate(dict.fromkeys(span.css for span in texts))}
    wide, high = columns * CELL + 2 * MARGIN, rows * LINE + BAR + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}">',
        f"<title>{escape(title)}</title>",
        f"<style>text{{font:{SIZE:g}px {FONTS};white-space:pre}}"
        + "".join(f".{name}{{{css}}}" for css, name in names.items())
        + "</style>",
        f'<rect width="{wide:g}" height="{high:g}" rx="9" fill="{ground}"/>',
        *(
            f'<circle cx="{MARGIN + 6 + 20 * n:g}" cy="15" r="6" fill="{colour}"/>'
            for n, colour in enumerate(_LIGHTS)
        ),
        *([_CAPTION.format(x=wide / 2, caption=escape(caption))] if caption else []),
        f'<g transform="translate({MARGIN:g} {BAR:g})">',
        '<g shape-rendering="crispEdges">',
        *(_rectangle(span) for span in backgrounds if span.css != ground),
        "</g>",
        *(_text(span, names[span.css]) for span in texts),
        "</g>",
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _backgrounds(source: ElementTree.Element) -> Iterator[Span]:
    for rect in source.iter(f"{_SVG}rect"):
        if rect.get("shape-rendering"):
            column = round(_number(rect, "x") / _SOURCE_CELL)
            row = round((_number(rect, "y") - _SOURCE_TOP) / _SOURCE_LINE)
            cells = round(_number(rect, "width") / _SOURCE_CELL)
            yield Span(column, row, cells, rect.get("fill") or "")


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Merge neighbours of the same colour."""
    for (row, css), group in groupby(spans, key=lambda span: (span.row, span.css)):
        run = list(group)
        yield Span(run[0].column, row, sum(span.cells for span in run), css)


def _texts(source: ElementTree.Element, css: dict[str, str]) -> Iterator[Span]:
    for element in source.iter(f"{_SVG}text"):
        if element.get("textLength") and element.text:
            column = round(_number(element, "x") / _SOURCE_CELL)
            row = round((_number(element, "y") - _SOURCE_BASELINE) / _SOURCE_LINE)
            style = css[element.get("class") or ""].replace(": ", ":").rstrip(";")
            text = element.text.replace("\N{NO-BREAK SPACE}", " ")
            yield Span(column, row, width(text), style, text)


def _pieces(span: Span) -> Iterator[Span]:
    """Split a text at gaps and where the kind of characters changes; strip spaces at the ends."""
    column = span.column
    for part in _GAP.split(span.text):
        for _kind, group in groupby(_clusters(part), key=_kind_of):
            run = "".join(group)
            cells, shown = width(run), run.strip(" ")
            if shown:
                blanks = len(run) - len(run.lstrip(" "))
                yield Span(column + blanks, span.row, width(shown), span.css, shown)
            column += cells


def _kind_of(cluster: str) -> int:
    """Return 2 for wide characters, 0 for ASCII, 1 for symbols that may need another font."""
    return 2 if width(cluster) > 1 else 0 if cluster.isascii() else 1


def _clusters(text: str) -> list[str]:
    """Split `text` into characters with their combining marks."""
    clusters: list[str] = []
    for char in text:
        if clusters and not width(char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _rectangle(span: Span) -> str:
    return (
        f'<rect x="{span.column * CELL:g}" y="{span.row * LINE:g}" '
        f'width="{span.cells * CELL:g}" height="{LINE:g}" fill="{span.css}"/>'
    )


def _text(span: Span, name: str) -> str:
    """Draw text with its exact length, and wide characters and symbols each at its position."""
    clusters = _clusters(span.text)
    left = span.column * CELL
    if width(clusters[0]) > 1:
        # A wide character is as wide as the font size; center it in its two cells.
        first = left + (2 * CELL - SIZE) / 2
        steps = (n for n, cluster in enumerate(clusters) for _ in cluster)
        place = 'x="' + " ".join(f"{first + 2 * n * CELL:g}" for n in steps) + '"'
    elif len(clusters) == 1:
        place = f'x="{left + CELL / 2:g}" text-anchor="middle"'
    else:
        length = span.cells * CELL
        place = f'x="{left:g}" textLength="{length:g}" lengthAdjust="spacingAndGlyphs"'
    y = span.row * LINE + BASELINE
    return f'<text class="{name}" {place} y="{y:g}">{escape(span.text)}</text>'


def _number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name) or 0)
