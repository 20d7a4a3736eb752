"""The line under the box: how many links are good, and what is wrong with the rest."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from pan123_tui.domain.links import RefusedText
from pan123_tui.domain.tray import Tally
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.formatting import plain_content
from pan123_tui.wording import Explanation, count_links, number, size
from pan123_tui.wording_links import explain_refusal

_SHOWN_CELLS = 24


class LinkCheck(Static):
    """Says what will be queued, skipped and refused, or what went wrong."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id, markup=False)
        self._tally = Tally()

    def show(self, counts: Tally, refused: Sequence[RefusedText]) -> None:
        """Say `counts`, and the first of the `refused` with its reason."""
        self._tally = counts
        parts = [_kept(counts)]
        if counts.skipped_duplicates:
            parts.append(_duplicates(counts.skipped_duplicates))
        if counts.skipped:
            said = ngettext("{count} skipped", "{count} skipped", counts.skipped)
            parts.append((said.format(count=number(counts.skipped)), "$text-muted"))
        if refused:
            parts.append(_refusals(counts.refused, refused[0]))
        self.update(Content(" · ").join(Content.styled(text, style) for text, style in parts))

    def wait(self, chars: int) -> None:
        """Say that a long text is being read."""
        self.update(Content.styled(_("reading {size} …").format(size=size(chars)), "$text-muted"))

    def complain(self, explanation: Explanation) -> None:
        """Say why nothing was queued; everything is still in the box."""
        kept = _("Nothing was queued; everything is still here.")
        self.update(Content.styled(f"{explanation.text} {kept}", "$text-error"))

    def reason_for_none(self) -> str:
        """Say why there is nothing to queue."""
        if self._tally.skipped_duplicates:
            return _("All links are duplicates; D in the list keeps them.")
        if self._tally.skipped:
            return _("Every link is skipped; space in the list keeps one.")
        return _("There is no link to queue yet.")


def _kept(counts: Tally) -> tuple[str, str]:
    said = _("{links} to queue").format(links=count_links(counts.kept))
    return said, "$text-success" if counts.kept else "$text-muted"


def _duplicates(count: int) -> tuple[str, str]:
    said = ngettext("{count} duplicate skipped", "{count} duplicates skipped", count)
    return said.format(count=number(count)), "$text-warning"


def _refusals(count: int, first: RefusedText) -> tuple[str, str]:
    said = ngettext(
        "{count} refused: “{text}”: {reason}", "{count} refused, such as “{text}”: {reason}", count
    )
    text = plain_content(first.text, _SHOWN_CELLS, cut="middle").plain
    reason = explain_refusal(first.reason)
    return said.format(count=number(count), text=text, reason=reason), "$text-error"
