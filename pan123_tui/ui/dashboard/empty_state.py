"""What is shown instead of an empty list: why it is empty, and what to do."""

from textual.content import Content

from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.query import Query
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.keymap import KeyNames


def empty_text(
    total: int, status: Status, *, query: Query, in_view: int, keys: KeyNames
) -> Content:
    """Return why the list is empty, and what to do; of `total` tasks `in_view` may be shown."""
    lines: list[str] = []
    if not total:
        lines.append(_("Press {key}, or simply paste links here.").format(key=keys["links.add"]))
        if status.connection is Connection.NO_ACCOUNT:
            login = _("No account is configured yet: run “pan123-tui login”, or press {key} here.")
            kept = _("Links that you add before you log in are kept, and sent afterwards.")
            lines += ["", login.format(key=keys["app.settings"]), kept]
    if query.search and in_view:
        text = ngettext(
            "The search hides {count} task: {key} clears it.",
            "The search hides {count} tasks: {key} clears it.",
            in_view,
        )
        lines.append(text.format(key=keys["view.back"]))
    if others := total - in_view:
        text = ngettext(
            "{count} task is in another tab: {key} shows all.",
            "{count} tasks are in other tabs: {key} shows all.",
            others,
        )
        lines.append(text.format(key=keys["view.show_all"]))
    heading = _("Nothing here") if total else _("No downloads yet")
    return Content.assemble((heading, "bold $text"), "\n\n", ("\n".join(lines), "$text-muted"))
