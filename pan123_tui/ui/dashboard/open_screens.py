"""The screens that the dashboard opens, each imported when first used."""

from pan123_tui.client.engine_client import AttachmentState
from pan123_tui.domain.commands import ForgetSent
from pan123_tui.domain.errors import Pan123Error, Problem
from pan123_tui.domain.events import Account
from pan123_tui.domain.query import SortKey
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.terminal.textual_private import withdraw
from pan123_tui.ui.app import Exit
from pan123_tui.ui.dashboard.task_actions import change
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.wording.actions import edit_reason, login_text
from pan123_tui.wording.formats import ORDER_LABELS


def review_links(panel: TaskPanel, text: str) -> None:
    """Review the links in `text`, and queue those that the user keeps."""
    from pan123_tui.ui.add_links.screen import AddScreen

    app = panel.app
    withdraw(app, panel.offer_to_undo)  # its key has another effect there
    screen = AddScreen(
        app.engine,
        defaults=app.live_settings.current.defaults,
        text=text,
        drafts=app.drafts,
        read_clipboard=app.clipboards.read_text,
        tests_from=app.invocation.tests_from,
    )
    app.push_screen(screen)


async def paste(panel: TaskPanel) -> None:
    """Review the links that the watch has collected, then those in the clipboard."""
    text = await panel.app.clipboards.read()
    if text or panel.app.clipboards.watcher.collected:
        texts = filter(None, (panel.app.clipboards.take_collected(), text))
        review_links(panel, "\n".join(texts))


async def edit(panel: TaskPanel) -> None:
    """Edit the chosen tasks; with a queued one, all that wait for the same missing folder."""
    from pan123_tui.ui.add_links.forms import EditFailedScreen, EditLinksScreen

    chosen = panel.take()
    editable = [task for task in chosen if task.is_editable]
    if not editable:  # it was sent since the key was pressed
        panel.app.engine.say(edit_reason(chosen))
        return
    tasks = sorted(editable, key=lambda task: task.id)  # as new names are numbered
    folder_id = tasks[0].folder_id if len(tasks) == 1 else None
    if folder_id in panel.app.model.status.missing_folders and tasks[0].state is TaskState.QUEUED:
        others = panel.app.model.tasks.unfinished.values()
        tasks = [it for it in others if it.folder_id == folder_id and it.state is TaskState.QUEUED]
    requests, is_unsaved = [task.request for task in tasks], False
    form = EditFailedScreen if any(task.has_failed for task in tasks) else EditLinksScreen
    while edited := await panel.app.push_screen_wait(
        form(requests, engine=panel.app.engine, is_unsaved=is_unsaved)
    ):
        requests, is_unsaved, ids = edited, True, (task.id for task in tasks)
        try:
            await change(panel, dict(zip(ids, requests, strict=True)))
            break
        except Pan123Error as error:  # what was typed is edited again
            panel.app.engine.show_error(error)


async def choose_order(panel: TaskPanel) -> None:
    from pan123_tui.ui.dialogs.prompts import ChoiceScreen

    query = panel.list_query
    current = query.sort.value
    choices = [
        (key.value, _(label), _("reversed") if query.reverse and key == current else "")
        for key, label in ORDER_LABELS.items()
    ]
    key = await panel.app.push_screen_wait(ChoiceScreen(_("Sort by"), choices, current=current))
    if key is not None:
        panel.update_query(sort=SortKey(key), reverse=False)


async def open_settings(panel: TaskPanel) -> None:
    from pan123_tui.ui.settings.screen import SettingsScreen

    screen = SettingsScreen(
        panel.app.live_settings,
        panel.app.engine,
        watch_reason=lambda: panel.app.clipboards.disabled_reason,
        copy=panel.app.clipboards.copy,
    )
    await panel.app.push_screen_wait(screen)


async def welcome(panel: TaskPanel) -> None:
    """Offer the ways to start until an account is set, or the user leaves or opens the demo."""
    from pan123_tui.ui.settings.account_dialog import DEMO, LATER, SETTINGS, log_in_first

    start = await log_in_first(panel.app, panel.app.live_settings)
    if isinstance(start, Account | Problem):
        panel.app.engine.say(login_text(start))
    elif start == DEMO:
        panel.app.exit(Exit.FOR_DEMO)
    elif start == SETTINGS:
        await open_settings(panel)
    panel.app.memory.save(is_login_put_off=start == LATER)


def open_manual(panel: TaskPanel, page: str = "links") -> None:
    from pan123_tui.ui.dialogs.manual import ManualScreen

    panel.app.push_screen(ManualScreen(page))


async def forget_sent(panel: TaskPanel) -> None:
    """Forget the links that were sent and are no longer in the list, if that is really wanted."""
    from pan123_tui.ui.dialogs.prompts import confirm

    detail = _("Such links are then new again when you add them. The list stays as it is.")
    question, yes, no = _("Forget the links sent before?"), _("Forget them"), _("Keep them")
    if await confirm(panel.app, question, yes=yes, no=no, detail=detail):
        count = await panel.app.engine.run(ForgetSent())
        forgotten = ngettext("{count} link forgotten.", "{count} links forgotten.", count)
        panel.app.engine.say(forgotten)


async def leave_and_end(panel: TaskPanel) -> None:
    """Leave and end the engine; ask first if it cannot save its tasks."""
    from pan123_tui.ui.dialogs.prompts import confirm

    app, model = panel.app, panel.app.model
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
    if await panel.app.engine.end_engine(is_here=not panel.app.invocation.host):
        app.exit(Exit.ENDED_ENGINE if has_engine else Exit.LEFT)
    else:
        panel.app.engine.say(_("The engine does not answer, so it was not ended."))
