"""The screens that the dashboard opens, each imported when first used."""

from pan123_tui.client.updates import AttachmentState
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.query import SortKey
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard.columns import COLUMNS
from pan123_tui.ui.dashboard.commands import change
from pan123_tui.ui.dashboard.desk import Desk
from pan123_tui.ui.dashboard.parts import Outcome
from pan123_tui.wording.actions import edit_reason


def review_links(desk: Desk, text: str) -> None:
    """Review the links in `text`, and queue those that the user keeps."""
    from pan123_tui.ui.add_links.screen import AddScreen

    screen = AddScreen(
        desk.engine,
        desk.model,
        desk.parts.link.changes,
        desk.parts.folders,
        defaults=desk.parts.live_settings.current.defaults,
        text=text,
        draft_file=desk.parts.draft_file,
        read_clipboard=desk.parts.clipboard.read_text,
    )
    desk.app.push_screen(screen)


def count_drafted(desk: Desk) -> int:
    """Return how many links wait in the draft."""
    if not desk.parts.draft_file.exists():
        return 0
    from pan123_tui.ui.add_links.draft import Draft

    return Draft.read(desk.parts.draft_file).count


async def paste(desk: Desk) -> None:
    """Review the links that the watch has collected, then those in the clipboard."""
    text = await desk.parts.clipboard.read()
    if text or desk.parts.clipboard.watcher.collected:
        texts = filter(None, (desk.take_collected(), text))
        review_links(desk, "\n".join(texts))


async def edit(desk: Desk) -> None:
    """Edit the chosen tasks; with a queued one, all that wait for the same missing folder."""
    from pan123_tui.ui.add_links.edit_links import EditLinksScreen

    chosen = desk.take()
    editable = [task for task in chosen if task.is_editable]
    if not editable:  # it was sent since the key was pressed
        desk.engine.say(edit_reason(chosen))
        return
    tasks = sorted(editable, key=lambda task: task.id)  # as new names are numbered
    folder_id = tasks[0].folder_id if len(tasks) == 1 else None
    if folder_id in desk.model.status.missing_folders and tasks[0].state is TaskState.QUEUED:
        others = desk.model.tasks.unfinished.values()
        tasks = [it for it in others if it.folder_id == folder_id and it.state is TaskState.QUEUED]
    requests, is_unsaved = [task.request for task in tasks], False
    while edited := await desk.app.push_screen_wait(
        EditLinksScreen(requests, folders=desk.parts.folders, is_unsaved=is_unsaved)
    ):
        requests, is_unsaved, ids = edited, True, (task.id for task in tasks)
        try:
            await change(desk, dict(zip(ids, requests, strict=True)))
            break
        except Pan123Error as error:  # what was typed is edited again
            desk.engine.show_error(error)


async def choose_order(desk: Desk) -> None:
    """Ask what the list is sorted by."""
    from pan123_tui.ui.dialogs.prompts import ChoiceScreen

    query = desk.panel.list_query
    current = query.sort.value
    labels = {facts.sort: facts.label for facts in COLUMNS.values()}
    choices = [
        (key.value, _(labels[key]), _("reversed") if query.reverse and key == current else "")
        for key in SortKey
    ]
    key = await desk.app.push_screen_wait(ChoiceScreen(_("Sort by"), choices, current=current))
    if key is not None:
        desk.panel.update_query(sort=SortKey(key), reverse=False)


async def open_settings(desk: Desk) -> None:
    """Open the settings."""
    from pan123_tui.ui.settings.screen import SettingsScreen

    screen = SettingsScreen(
        desk.parts.live_settings,
        desk.model,
        desk.parts.folders,
        watch_reason=lambda: desk.watch_reason,
    )
    await desk.app.push_screen_wait(screen)


async def welcome(desk: Desk) -> None:
    """Offer the ways to start until an account is set, or the user leaves or opens the demo."""
    from pan123_tui.ui.settings.account_dialog import DEMO, LATER, SETTINGS, log_in_first

    start = await log_in_first(desk.app, desk.parts.live_settings)
    if start == DEMO:
        desk.app.exit(Outcome.FOR_DEMO)
    elif start == SETTINGS:
        await open_settings(desk)
    desk.parts.memory.save(is_login_put_off=start == LATER)


def open_manual(desk: Desk, page: str = "links") -> None:
    """Show the manual."""
    from pan123_tui.ui.dialogs.manual import ManualScreen

    desk.app.push_screen(ManualScreen(page))


async def leave_and_end(desk: Desk) -> None:
    """Leave and end the engine; ask first if it cannot save its tasks."""
    from pan123_tui.ui.dialogs.prompts import confirm

    app, model = desk.app, desk.model
    has_engine = model.attachment.state is not AttachmentState.ENDED
    is_unsaved = has_engine and model.status.store_problem is not None
    if is_unsaved and not await confirm(
        app,
        _("End the engine anyway?"),
        yes=_("End it"),
        no=_("Stay"),
        detail=_("Nothing can be saved now: unsaved changes will be lost."),
    ):
        return
    if await desk.parts.link.end_engine(is_here=not desk.parts.origin.host):
        app.exit(Outcome.ENDED_ENGINE if has_engine else Outcome.LEFT)
    else:
        desk.engine.say(_("The engine does not answer, so it was not ended."))
