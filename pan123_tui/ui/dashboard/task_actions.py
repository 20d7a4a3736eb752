"""What the keys do to the chosen tasks, and what is said about the results."""

import asyncio
from collections.abc import Mapping, Sequence

from pan123_tui.domain.arrival_check import is_lookable
from pan123_tui.domain.commands import (
    ConfirmTasks,
    EditTask,
    PauseSending,
    PollNow,
    ProbeLink,
    RemoveTasks,
    RetryTasks,
    SendNext,
)
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Connection
from pan123_tui.domain.query import Query, View, predicate_for
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.terminal.textual_private import withdraw
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.view import selects
from pan123_tui.wording import formats
from pan123_tui.wording.actions import (
    added_meanwhile_text,
    already_removed,
    confirmed_text,
    edit_result,
    removal_text,
)

UNDO_TOAST_S = 12.0
"""How long undo is offered; it works until the program ends."""


async def retry_failed(panel: TaskPanel) -> None:
    """Retry what failed, whatever the view; with a search, only what the search finds."""
    search, tasks = Query(search=panel.list_query.search), panel.app.model.tasks
    finds = selects(search, tasks, panel.rows_shown.notes)
    failed = [task for task in tasks.values() if task.has_failed and finds(task)]
    if failed:
        await retry(panel, failed)
    else:
        panel.app.engine.say(_("The search finds nothing that failed."))


async def retry(panel: TaskPanel, tasks: Sequence[Task] | None = None) -> None:
    """Queue `tasks`, or the chosen ones, again; ask what became of those that are unsure."""
    tasks = panel.take() if tasks is None else tasks
    again = [task for task in tasks if task.is_retryable and not task.is_unsure]
    arrived: Sequence[Task] = ()
    confirmed = ""
    if unsure := [task for task in tasks if task.is_unsure]:
        from pan123_tui.ui.dialogs.unsure import ask_unsure  # noqa: PLC0415 - rarely used

        now = panel.app.clock()
        answer = await ask_unsure(panel.app, unsure, failed=len(again), now=now)
        if answer is None:
            return
        arrived, sent_again, unseen = answer
        if unseen:
            if again:
                await retry(panel, again)
            await check_now(panel, unseen)
            return
        again += sent_again
        confirmed = await _confirm(panel, arrived)
    if not again:
        if confirmed:
            panel.app.engine.say(confirmed)
        return
    ids = tuple(task.id for task in again)
    is_unsure_too = any(task.is_unsure for task in again)
    queued = await panel.app.engine.run(RetryTasks(ids, unsure_too=is_unsure_too))
    if not queued:  # another screen was quicker
        await panel.app.engine.say_why_not(ids, _("Nothing to retry."))
        return
    skipped = len(tasks) - len(arrived) - len(queued)
    others = ngettext(
        "{count} other was left as it is.", "{count} others were left as they are.", skipped
    )
    panel.app.engine.say(
        join_sentences(confirmed, _again_text(len(queued)), others if skipped else "")
    )


def _again_text(count: int) -> str:
    return ngettext("{count} link queued again.", "{count} links queued again.", count)


async def _confirm(panel: TaskPanel, arrived: Sequence[Task]) -> str:
    if not arrived:
        return ""
    ids = tuple(task.id for task in arrived)
    if confirmed := await panel.app.engine.run(ConfirmTasks(ids)):
        return confirmed_text(len(confirmed))
    await panel.app.engine.say_why_not(ids, _("These tasks are no longer unsure."))
    return ""


async def change(panel: TaskPanel, requests: Mapping[int, DownloadRequest]) -> None:
    """Change tasks, by id, to `requests` and queue them again."""
    known = panel.app.model.tasks
    queued = {i for i in requests if i in known and known[i].state is TaskState.QUEUED}
    changed = {i: it for i, it in requests.items() if i not in queued or known[i].request != it}
    if not changed:
        panel.app.engine.say(_("Nothing was changed."))
        return
    edits = (panel.app.engine.run(EditTask(i, it)) for i, it in changed.items())
    tasks = await asyncio.gather(*edits)  # all at once, so that they are saved together
    edited = {task.id for task in tasks if task is not None}
    await panel.app.engine.effects_shown()
    late = len(panel.app.engine.select(changed.keys() - edited))
    again = len(edited - queued)
    texts = _again_text(again) if again else "", edit_result(len(edited) - again, late)
    text = join_sentences(*texts) or already_removed(len(changed))
    panel.app.engine.say(text, severity="warning" if late else "information")


async def clear(panel: TaskPanel) -> None:
    """Remove all tasks that are done and do not need the user."""
    done = list(filter(predicate_for(View.DONE), panel.app.model.tasks.values()))
    if done:
        await remove(panel, done)


async def remove(panel: TaskPanel, tasks: Sequence[Task] | None = None) -> None:
    """Remove `tasks`, or the chosen ones, and offer to bring them back."""
    tasks = panel.take() if tasks is None else tasks
    ids = tuple(task.id for task in tasks)
    async with panel.removing:
        removed = await panel.app.engine.run(RemoveTasks(ids))
        await panel.app.engine.effects_shown()
    if not removed:
        text = _("A link that is being sent right now cannot be removed: wait a moment.")
        await panel.app.engine.say_why_not(ids, text)
        return
    withdraw(panel.app, panel.offer_to_undo)
    panel.offer_to_undo = removal_text(
        removed,
        sending=sum(task.state is TaskState.SUBMITTING for task in tasks),
    )
    panel.app.notify(panel.offer_to_undo, timeout=UNDO_TOAST_S, markup=False)


async def undo(panel: TaskPanel) -> None:
    """Undo the latest removal, and show the tasks that came back."""
    async with panel.removing:
        if not panel.removals:
            panel.app.engine.say(_("There is nothing to undo."))
            return
        removal = panel.removals.pop()
        try:
            tasks = await panel.app.engine.run(removal)
        except Pan123Error:
            panel.removals.append(removal)
            raise
        left_out = len(removal.tasks) - len(tasks)
        withdraw(panel.app, panel.offer_to_undo)
    panel.app.engine.added |= {task.id for task in tasks}
    back = ngettext("{count} task is back.", "{count} tasks are back.", len(tasks))
    again = added_meanwhile_text(left_out) if left_out else ""
    panel.app.engine.say(join_sentences(back if tasks else "", again))
    panel.request()


async def send_next(panel: TaskPanel) -> None:
    ids = tuple(task.id for task in panel.take() if is_queued(task))
    if moved := await panel.app.engine.run(SendNext(ids)):
        text = _("{links} moved to the front.").format(links=formats.count_links(len(moved)))
        panel.app.engine.say(text)
        return
    await panel.app.engine.effects_shown()
    still_queued = any(map(is_queued, panel.app.engine.select(ids)))
    text = _("Already at the front.") if still_queued else _("Already sent.")
    await panel.app.engine.say_why_not(ids, text)


async def pause(panel: TaskPanel) -> None:
    await panel.app.engine.run(PauseSending(not panel.app.model.status.is_paused))


async def test_link(panel: TaskPanel) -> None:
    """Test the link under the cursor, in parallel with tests of other links; show the result."""
    tests = panel.app.link_tests
    if task := panel.cursor_task:
        panel.is_detail_open = True
        panel.request()  # for what is shown once the test has begun
        if tests.get(task.url, True):  # else one runs
            tests[task.url] = None
            try:
                result = await panel.app.client.call(ProbeLink(task.url))
                tests[task.url] = result
            except BaseException:
                del tests[task.url]
                raise
        panel.request()
        panel.call_later(panel.detail.scroll_home)  # where the result is


async def check_now(panel: TaskPanel, tasks: Sequence[Task] | None = None) -> None:
    """Check and send now, and look for the files of `tasks`, or of the chosen ones."""
    looked_for = list(filter(is_lookable, panel.chosen if tasks is None else tasks))
    text = _("Checking all tasks…")
    if panel.app.model.status.connection is Connection.OFFLINE:
        text = _("Trying to reach 123pan…")
    if looked_for:
        panel.table.marks.close_range()
        text = _("Checking the folder…")
    if panel.app.model.attachment.is_reachable:  # otherwise the status bar says what is tried
        panel.app.engine.say(text)
    await panel.app.engine.run(PollNow())
    if looked_for:
        try:
            await panel.app.files.look(looked_for)
        finally:
            withdraw(panel.app, text)


def mark(panel: TaskPanel) -> None:
    """Mark or unmark the task under the cursor, and move to the next."""
    if task := panel.cursor_task:
        panel.table.marks.toggle((task.id,))
    panel.table.action_cursor_down()


async def copy_links(panel: TaskPanel) -> None:
    links = [task.url for task in panel.take() if task.has_link]
    await panel.app.clipboards.copy("\n".join(links), formats.count_links(len(links)))


def is_queued(task: Task) -> bool:
    return task.state is TaskState.QUEUED
