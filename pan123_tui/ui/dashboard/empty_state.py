"""What stands in the place of an empty list: why it is empty, and what to do."""

from textual.content import Content
from textual.widgets import Static

from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import Query
from pan123_tui.i18n import _, ngettext, profile
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.wording.formats import number


class EmptyState(Static):
    """A heading and a few lines of advice, in place of an empty table."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="empty")
        self.display = False
        self._shown: tuple[str, str] | None = None

    def show(self, heading: str, advice: str = "") -> None:
        """Show `heading` and, below it, `advice`."""
        if self._shown != (heading, advice):
            self._shown = (heading, advice)
            self.update(Content.assemble((heading, "bold $text"), "\n\n", (advice, "$text-muted")))
        self.display = True


def empty_reason(
    total: int, status: Status, *, query: Query, in_view: int, keys: KeyNames
) -> tuple[str, str]:
    """Return why the list is empty as a heading and advice; of `total` tasks `in_view` may show."""
    if not total:
        return _("No downloads yet"), _first_steps(status, keys)
    lines = _hidden_lines(total - in_view, in_view if query.search else 0, keys)
    return _("Nothing here"), "\n".join(lines)


def _first_steps(status: Status, keys: KeyNames) -> str:
    steps = [_("Press {key}, or simply paste links here.").format(key=keys["links.add"])]
    if status.connection is Connection.NO_ACCOUNT:
        other_ways = _("or set PAN123_ACCESS_TOKEN before you start, or press {key} here.")
        if profile():
            other_ways = _("or press {key} here.")
        steps += [
            "",
            _("No account is configured yet: run “pan123-tui login”,"),
            other_ways.format(key=keys["app.settings"]),
            _("What you add before that is kept, and sent afterwards."),
        ]
    return "\n".join(steps)


def _hidden_lines(in_other_views: int, searched: int, keys: KeyNames) -> list[str]:
    by_view = ngettext(
        "{count} task is in other views: {key} shows all.",
        "{count} tasks are in other views: {key} shows all.",
        in_other_views,
    )
    by_search = ngettext(
        "The search hides {count} task: {key} clears it.",
        "The search hides {count} tasks: {key} clears it.",
        searched,
    )
    lines = (
        (by_search, searched, "view.back"),
        (by_view, in_other_views, "view.show_all"),
    )
    return [text.format(count=number(count), key=keys[key]) for text, count, key in lines if count]
