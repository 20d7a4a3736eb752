"""What stands between the editor and the review: how many links are queued, or what went wrong."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.review import ReviewCounts, ReviewRow
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.ui.keymap import key_of
from pan123_tui.wording.formats import count_links, number, size
from pan123_tui.wording.links import rejection_text
from pan123_tui.wording.problems import explain_problem

_REJECTED_TEXT_CELLS = 24


class ReviewSummary(Static):
    """Shows how many links will be queued, skipped and rejected, or what went wrong."""

    _counts = ReviewCounts()

    def show(
        self,
        counts: ReviewCounts,
        rejected: Sequence[ReviewRow],
        *,
        queued: int = 0,
        is_draft: bool = False,
    ) -> None:
        """Show `counts`, and the first of the `rejected` rows with its reason.

        They are what is left of a text of which `queued` links were queued, if any; or
        `is_draft`, the text was restored.
        """
        self._counts = counts
        parts = []
        if counts.kept or not queued:
            to_queue = _("{links} to queue").format(links=count_links(counts.kept))
            parts.append((to_queue, "$text-success" if counts.kept else "$text-muted"))
        if count := counts.skipped_duplicates:
            text = ngettext("{count} duplicate skipped", "{count} duplicates skipped", count)
            parts.append((text.format(count=number(count)), "$text-warning"))
        if count := counts.doubtful:
            text = ngettext("{count} with a doubtful end", "{count} with a doubtful end", count)
            parts.append((text.format(count=number(count)), "$text-warning"))
        if count := counts.private:
            text = ngettext(
                "{count} on a private host, which the service cannot reach",
                "{count} on private hosts, which the service cannot reach",
                count,
            )
            parts.append((text.format(count=number(count)), "$text-warning"))
        if count := counts.skipped:
            text = ngettext("{count} skipped by you", "{count} skipped by you", count)
            parts.append((text.format(count=number(count)), "$text-muted"))
        if rejected:
            parts.append((_rejections(counts.rejected, rejected[0]), "$text-error"))
        if count := counts.mere_text:
            text = ngettext("{count} line without a link", "{count} lines without a link", count)
            parts.append((text.format(count=number(count)), "$text-muted"))
        if queued and parts:
            parts[0] = (join_sentences(_("left here:"), parts[0][0]), parts[0][1])
            done = _("{links} queued").format(links=count_links(queued))
            parts.insert(0, (done, "$text-success"))
        if is_draft:
            parts.insert(0, (_("draft restored"), "$text-primary"))
        self.update(Content(" · ").join(Content.styled(text, style) for text, style in parts))

    def show_reading(self, chars: int) -> None:
        """Show that a text of `chars` characters is being read."""
        self.update(Content.styled(_("reading {size}…").format(size=size(chars)), "$text-muted"))

    def show_waiting(self) -> None:
        """Show that the engine's answer is waited for."""
        text = _("waiting for the engine… {key} leaves and keeps a draft")
        shown = text.format(key=key_of(self.screen, "add.leave"))
        self.update(Content.styled(shown, "$text-warning"))

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

    def empty_reason(self) -> str:
        """Return why there is nothing to queue."""
        if self._counts.doubtful:
            return _(
                "Where a link ends is doubtful: t in the list takes the longer or the shorter."
            )
        if self._counts.skipped_duplicates:
            return _("All links are duplicates; D in the list keeps them.")
        if self._counts.skipped:
            return _("Every link is skipped; space in the list keeps one.")
        return _("There is no link to queue yet.")


def _rejections(count: int, first: ReviewRow) -> str:
    message = ngettext(
        "{count} refused: “{text}”: {reason}", "{count} refused, such as “{text}”: {reason}", count
    )
    text = sanitize(first.text, _REJECTED_TEXT_CELLS, truncate_at="middle")
    reason = rejection_text(first.reason or RejectionReason.NO_LINK)
    return message.format(count=number(count), text=text, reason=reason)
