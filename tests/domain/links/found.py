"""What is found in a text, by kind."""

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import ReviewRow, Verdict, judge

SIGNS = {Verdict.KEPT: "√", Verdict.DOUBTFUL: "?", Verdict.REFUSED: "×", Verdict.SKIPPED: "-"}


def links_in(text: str) -> list[ReviewRow]:
    """Return the rows of `text` that have a link."""
    return [row for row in extract(text) if row.reason is None]


def other_text(text: str) -> list[str]:
    """Return the lines of `text` that have no link."""
    return [row.text for row in extract(text) if row.is_mere_text]


def marked(text: str, *, is_longest: bool = False) -> list[str]:
    """Return each address in `text`, or its longest reading, with the mark of its row, in order."""
    rows = [row for row in judge(extract(text), {}) if not row.is_mere_text]
    return [f"{SIGNS[it.verdict]} {(is_longest and it.longer) or it.text}" for it in rows]
