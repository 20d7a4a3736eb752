"""How many links of a review are queued, or what went wrong."""

from collections import Counter
from collections.abc import Sequence

from textual.content import Content

from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.wording.formats import count_links, number
from pan123_tui.wording.problems import explain_problem


def counted_text(rows: Sequence[ReviewRow]) -> Content:
    """Return how many rows will be queued, skipped and refused."""
    counts = Counter(row.mark for row in rows if not row.is_mere_text)
    kept, duplicates = counts["√"], sum(row.is_duplicate and not row.keep for row in rows)
    links = _("{links} to queue").format(links=count_links(kept))
    duplicate = ngettext("{count} duplicate", "{count} duplicates", duplicates)
    numbered = (
        (counts["?"], _("{count} to look at"), "$text-warning"),
        (counts["×"], _("{count} refused"), "$text-error"),
        (duplicates, duplicate, "$text-muted"),
        (counts["-"] - duplicates, _("{count} skipped"), "$text-muted"),
    )
    parts = [Content.styled(links, "$text-success" if kept else "$text-muted")]
    parts += [
        Content.styled(text.format(count=number(count)), style)
        for count, text, style in numbered
        if count
    ]
    return Content(" · ").join(parts)


def failed_text(error: Pan123Error) -> Content:
    """Return why nothing was queued, or that it is not known whether anything was."""
    explanation = explain_problem(error.problem)
    if isinstance(error, EngineLost):
        skipped = _(
            "The links may have been queued all the same; those that appear in the list will "
            "be skipped."
        )
        text = join_sentences(explanation.summary, skipped)
    else:
        kept = _("Nothing was queued; everything is still here.")
        text = join_sentences(explanation.text, kept)
    return Content.styled(text, "$text-error")


def empty_reason(rows: Sequence[ReviewRow]) -> str:
    """Return why there is nothing to queue."""
    if any(row.mark == "?" for row in rows):
        return _("These links need a look: space takes one, enter edits it.")
    if any(row.has_link for row in rows):
        return _("All links are duplicates or skipped: space keeps one.")
    return _("There is no link to queue yet.")
