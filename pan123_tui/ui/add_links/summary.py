"""How many links of a review are queued, or what went wrong."""

from collections import Counter
from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.review import ReviewRow, RowKind
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.ui.keymap import key_of
from pan123_tui.wording.formats import count_links, number, size
from pan123_tui.wording.problems import explain_problem


class ReviewSummary(Static):
    """Shows how many links will be queued, skipped and refused, or what went wrong."""

    def show(self, rows: Sequence[ReviewRow]) -> None:
        """Count the rows of each kind."""
        counts = Counter(row.kind for row in rows)
        private = sum(row.is_private and row.keep for row in rows)
        kept, duplicates = counts[RowKind.KEPT], counts[RowKind.DUPLICATE]
        links = _("{links} to queue").format(links=count_links(kept))
        duplicate = ngettext("{count} duplicate", "{count} duplicates", duplicates)
        on_private = ngettext("{count} on a private host", "{count} on private hosts", private)
        numbered = (
            (counts[RowKind.LOOK], _("{count} to look at"), "$text-warning"),
            (counts[RowKind.REFUSED], _("{count} refused"), "$text-error"),
            (duplicates, duplicate, "$text-muted"),
            (counts[RowKind.SKIPPED], _("{count} skipped"), "$text-muted"),
            (private, on_private, "$text-warning"),
        )
        parts = [Content.styled(links, "$text-success" if kept else "$text-muted")]
        parts += [
            Content.styled(text.format(count=number(count)), style)
            for count, text, style in numbered
            if count
        ]
        self.update(Content(" · ").join(parts))

    def show_reading(self, chars: int) -> None:
        """Show that a text of `chars` characters is being read."""
        self.update(Content.styled(_("reading {size}…").format(size=size(chars)), "$text-muted"))

    def show_waiting(self) -> None:
        """Show that the engine's answer is waited for."""
        text = _("waiting for the engine… {key} leaves and keeps a draft")
        shown = text.format(key=key_of(self.screen, "add.leave"))
        self.update(Content.styled(shown, "$text-warning"))

    def show_not_queued(self) -> None:
        """Show that a field is not right yet, which says what is wrong."""
        text = _("Nothing was queued: see the note below the field.")
        self.update(Content.styled(text, "$text-error"))

    def show_error(self, error: Pan123Error) -> None:
        """Show why nothing was queued, or that it is not known whether anything was."""
        explanation = explain_problem(error.problem)
        if isinstance(error, EngineLost):
            skipped = _(
                "The links may be queued all the same; those that appear in the list will be "
                "skipped."
            )
            text = join_sentences(explanation.summary, skipped)
        else:
            kept = _("Nothing was queued; everything is still here.")
            text = join_sentences(explanation.text, kept)
        self.update(Content.styled(text, "$text-error"))


def empty_reason(rows: Sequence[ReviewRow]) -> str:
    """Return why there is nothing to queue."""
    kinds = {row.kind for row in rows}
    if RowKind.LOOK in kinds:
        return _("These links need a look: space takes one, enter edits it.")
    if RowKind.DUPLICATE in kinds:
        return _("All links are duplicates: space keeps one.")
    if RowKind.SKIPPED in kinds:
        return _("Every link is skipped: space keeps one.")
    return _("There is no link to queue yet.")
