"""What stands in the place of an empty list: why it is empty, and what to do."""

from textual.content import Content

from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import Query
from pan123_tui.i18n import _, ngettext, profile
from pan123_tui.ui.keymap import KeyNames


def empty_text(
    total: int, status: Status, *, query: Query, in_view: int, keys: KeyNames
) -> Content:
    """Return why the list is empty, and what to do; of `total` tasks `in_view` may be shown."""
    heading, advice = _("Nothing here"), _hidden_text(total, query, in_view, keys)
    if not total:
        heading, advice = _("No downloads yet"), _first_steps(status, keys)
    return Content.assemble((heading, "bold $text"), "\n\n", (advice, "$text-muted"))


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
            _("What you add before you log in is kept, and sent afterwards."),
        ]
    return "\n".join(steps)


def _hidden_text(total: int, query: Query, in_view: int, keys: KeyNames) -> str:
    in_other_views, searched = total - in_view, in_view if query.search else 0
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
    return "\n".join(text.format(key=keys[key]) for text, count, key in lines if count)
