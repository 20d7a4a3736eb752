"""The first line: the program, the tabs with their counts, and the account."""

from collections.abc import Iterator, Mapping

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from pan123_tui.domain.events import Connection
from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sanitize import sanitize, width
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard.message_row import Facts
from pan123_tui.wording.formats import VIEW_LABELS, number

_CHOSEN = "bold underline $block-cursor-foreground on $block-cursor-background"
_WIDE = 100
"""The width of the screen from which the program's name is shown."""
_COUNT_STYLES: Mapping[View, str] = {
    View.ACTIVE: "$text-primary",
    View.TROUBLE: "bold $text-warning",
    View.DONE: "$text-success",
}
_MAX_NAME, _SHORT_NAME = 30, 8


def tabs(query: Query, counts: Mapping[View, int], gap: int) -> Content:
    """Return one tab for each view, with its key and count; a click does what its key does."""
    line = Content()
    for key, (view, label) in enumerate(VIEW_LABELS.items(), start=1):
        count = f" {number(counts[view])}" if counts else ""
        style = _COUNT_STYLES.get(view, "") if counts.get(view) else "$text-muted"
        tab = Content.assemble((f" {key} ", "$text-muted"), _(label), (f"{count} ", style))
        tab = tab.stylize(_CHOSEN if view is query.view else "")
        line += tab.stylize(Style.from_meta({"@click": f"screen.act('view.show_{view}')"}))
        line += " " * gap
    return line


def header_line(query: Query, counts: Mapping[View, int], facts: Facts, cells: int) -> Content:
    """Return the line in `cells` cells; what says least goes first where they are few."""
    name = [(" pan123-tui ", "bold $text-primary")] if cells >= _WIDE else []
    for level, (gap, longest) in enumerate(((1, _MAX_NAME), (1, _SHORT_NAME), (0, _SHORT_NAME))):
        left = Content.assemble(*name, *_origins(facts, longest)) + tabs(query, counts, gap)
        account = _account(facts, level)
        free = cells - left.cell_length - width(account[0]) - 1
        if free >= 0:
            break
    return (left + Content.assemble(" " * max(free, 0), account)).truncate(cells)


def _origins(facts: Facts, longest: int) -> Iterator[tuple[str, str]]:
    """Yield where the tasks are: the demo, another machine, a profile."""
    if facts.invocation.is_demo:
        yield _(" DEMO "), "bold $background on $text-warning"
    origins = (facts.invocation.host, "$text-primary"), (facts.invocation.profile, "$text-accent")
    for name, color in origins:
        if name:
            yield f" {sanitize(name, longest)} ", f"bold $background on {color}"


def _account(facts: Facts, level: int) -> tuple[str, str]:
    """Return the account's state, ever shorter, and its style."""
    if not facts.attachment.is_reachable:  # as the message row says
        return "", ""
    text, style = {
        Connection.ONLINE: (_("logged in"), "$text-muted"),
        Connection.OFFLINE: (_("offline"), "bold $text-error"),
        Connection.TROUBLE: (_("123pan error"), "bold $text-error"),
        Connection.REFUSED: (_("account refused"), "bold $text-error"),
        Connection.NO_ACCOUNT: (_("no account"), "bold $text-warning"),
    }.get(facts.status.connection, (_("connecting"), "$text-muted"))
    if facts.status.connection is not Connection.ONLINE:
        return text, style
    if account := facts.status.account:
        nickname = sanitize(account.nickname, _SHORT_NAME * 2)
        named = _("logged in as {name}").format(name=nickname)
        return (named, nickname, "")[level], style
    return (text, text, "")[level], style


class Header(Widget):
    """Shows the line; it has no state of its own."""

    ALLOW_SELECT = False
    auto_links = False
    """Textual would repaint what is under a moving mouse."""
    list_query: reactive[Query] = reactive(Query())
    counts: reactive[Mapping[View, int]] = reactive[Mapping[View, int]]({})
    facts: reactive[Facts] = reactive(Facts(), repaint=False)
    line: reactive[Content] = reactive(Content())

    def compute_line(self) -> Content:
        return header_line(self.list_query, self.counts, self.facts, self.size.width)

    def watch_line(self) -> None:
        self.refresh()  # Textual does not do so for computed values

    def render(self) -> Content:
        return self.line
