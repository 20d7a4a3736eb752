"""How many links of a review are queued, or what went wrong."""

from textual.content import Content
from textual.widgets import Static

from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.review import ReviewCounts
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.ui.keymap import key_of
from pan123_tui.wording.formats import count_links, number, size
from pan123_tui.wording.problems import explain_problem


class ReviewSummary(Static):
    """Shows how many links will be queued, skipped and refused, or what went wrong."""

    def show(self, counts: ReviewCounts) -> None:
        """Show `counts`."""
        links = _("{links} to queue").format(links=count_links(counts.kept))
        parts = [(links, "$text-success" if counts.kept else "$text-muted")]
        numbered = (
            (counts.look, _("{count} to look at")),
            (counts.rejected, _("{count} refused")),
            (
                counts.duplicates,
                ngettext("{count} duplicate", "{count} duplicates", counts.duplicates),
            ),
            (counts.skipped, _("{count} skipped")),
            (
                counts.private,
                ngettext("{count} on a private host", "{count} on private hosts", counts.private),
            ),
        )
        styles = ("$text-warning", "$text-error", "$text-muted", "$text-muted", "$text-warning")
        parts += [
            (text.format(count=number(count)), style)
            for (count, text), style in zip(numbered, styles, strict=True)
            if count
        ]
        self.update(Content(" · ").join(Content.styled(text, style) for text, style in parts))

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


def empty_reason(counts: ReviewCounts) -> str:
    """Return why there is nothing to queue."""
    if counts.look:
        return _("These links need a look: space takes one, enter edits it.")
    if counts.duplicates:
        return _("All links are duplicates: space keeps one.")
    if counts.skipped:
        return _("Every link is skipped: space keeps one.")
    return _("There is no link to queue yet.")
