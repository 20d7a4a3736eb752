"""What the keys do to the chosen tasks, and what is said about the results."""

from collections.abc import Mapping, Sequence

from pan123_tui.domain.arrival_check import is_lookable
from pan123_tui.domain.commands import (
    ConfirmTasks,
    EditTask,
    PauseSending,
    PollNow,
    RemoveTasks,
    RestoreTasks,
    RetryTasks,
    SendNext,
)
from pan123_tui.domain.events import Connection
from pan123_tui.domain.query import Query
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.terminal.textual_private import withdraw
from pan123_tui.ui.dashboard.desk import Desk
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


async def retry(desk: Desk) -> None:
    """Queue the chosen tasks again if possible; ask what became of the unsure ones."""
    await _retry(desk, desk.take())


async def retry_failed(desk: Desk) -> None:
    """Retry what failed, whatever the view; with a search, only what the search finds."""
    search, tasks = Query(search=desk.panel.list_query.search), desk.model.tasks
    finds = desk.panel.list_state.predicate(search, tasks)
    failed = [task for task in tasks.values() if task.has_failed and finds(task)]
    if failed:
        await _retry(desk, failed)
    else:
        desk.engine.say(_("The search finds nothing that failed."))


async def _retry(desk: Desk, tasks: Sequence[Task]) -> None:
    again = [task for task in tasks if task.has_failed]
    arrived: Sequence[Task] = ()
    confirmed = ""
    if unsure := [task for task in tasks if task.is_unsure]:
        from pan123_tui.ui.dialogs.unconfirmed import ask_unsure  # noqa: PLC0415 - rarely used

        now, key = desk.parts.clock(), desk.engine.keys["tasks.poll"]
        answer = await ask_unsure(desk.app, unsure, failed=len(again), now=now, check_key=key)
        if answer is None:
            return
        again += answer.again
        arrived = answer.arrived
        confirmed = await _confirm(desk, arrived)
    if not again:
        if confirmed:
            desk.engine.say(confirmed)
        return
    ids = tuple(task.id for task in again)
    is_unsure_too = any(task.is_unsure for task in again)
    queued = await desk.engine.run(RetryTasks(ids, unconfirmed_too=is_unsure_too))
    if not queued:  # another screen was quicker
        await desk.engine.say_why_not(ids, _("Nothing to retry."))
        return
    skipped = len(tasks) - len(arrived) - len(queued)
    others = ngettext(
        "{count} other was left as it is.", "{count} others were left as they are.", skipped
    )
    desk.engine.say(join_sentences(confirmed, _again_text(len(queued)), others if skipped else ""))


def _again_text(count: int) -> str:
    return ngettext("{count} link queued again.", "{count} links queued again.", count)


async def _confirm(desk: Desk, arrived: Sequence[Task]) -> str:
    """Note that the files have arrived; return what to say."""
    if not arrived:
        return ""
    ids = tuple(task.id for task in arrived)
    if confirmed := await desk.engine.run(ConfirmTasks(ids)):
        return confirmed_text(len(confirmed))
    await desk.engine.say_why_not(ids, _("These tasks are no longer unsure."))
    return ""


async def change(desk: Desk, requests: Mapping[int, DownloadRequest]) -> None:
    """Change tasks, by id, to `requests` and queue them again."""
    known = desk.model.tasks
    queued = {i for i in requests if i in known and known[i].state is TaskState.QUEUED}
    changed = {i: it for i, it in requests.items() if i not in queued or known[i].request != it}
    if not changed:
        desk.engine.say(_("Nothing was changed."))
        return
    tasks = await desk.engine.run_all(EditTask(i, it) for i, it in changed.items())
    edited = {task.id for task in tasks if task is not None}
    await desk.engine.effects_shown()
    late = len(desk.engine.select(changed.keys() - edited))
    again = len(edited - queued)
    texts = _again_text(again) if again else "", edit_result(len(edited) - again, late)
    text = join_sentences(*texts) or already_removed(len(changed))
    desk.engine.say(text, severity="warning" if late else "information")


async def remove(desk: Desk) -> None:
    """Remove the chosen tasks and offer to bring them back."""
    await _remove(desk, desk.take())


async def clear(desk: Desk) -> None:
    """Remove all tasks that have succeeded and whose files are not in doubt."""
    done = [it for it in desk.model.tasks.values() if shown_state(it) is Shown.DONE]
    if done:
        await _remove(desk, done)
    else:
        desk.engine.say(_("There is nothing to clear."))


async def _remove(desk: Desk, tasks: Sequence[Task]) -> None:
    ids, newest = tuple(task.id for task in tasks), max(desk.model.tasks, default=0)
    async with desk.removing:
        removed = await desk.engine.run(RemoveTasks(ids))
    if not removed:
        text = _("A link that is being sent right now cannot be removed: wait a moment.")
        await desk.engine.say_why_not(ids, text)
        return
    desk.removals.append(RestoreTasks(removed, newest))
    withdraw(desk.app, desk.offer_to_undo)
    desk.offer_to_undo = removal_text(
        removed,
        undo_key=desk.engine.keys["tasks.undo"],
        sending=sum(task.state is TaskState.SUBMITTING for task in tasks),
    )
    desk.app.notify(desk.offer_to_undo, timeout=UNDO_TOAST_S, markup=False)


async def undo(desk: Desk) -> None:
    """Undo the latest removal, and show the tasks that came back."""
    async with desk.removing:
        if not desk.removals:
            desk.engine.say(_("There is nothing to undo."))
            return
        tasks = await desk.engine.run(desk.removals[-1])
        left_out = len(desk.removals.pop().tasks) - len(tasks)
        withdraw(desk.app, desk.offer_to_undo)
    desk.engine.note_added(tasks)
    back = ngettext("{count} task is back.", "{count} tasks are back.", len(tasks))
    again = added_meanwhile_text(left_out) if left_out else ""
    desk.engine.say(join_sentences(back if tasks else "", again))
    if desk.screen.is_active:  # otherwise it is shown when the screen is uncovered
        desk.panel.reveal_added()


def undo_reason(desk: Desk) -> str:
    """Return why nothing can be undone; empty if something can be."""
    is_possible = desk.removals or desk.removing.locked()
    return "" if is_possible else _("There is nothing to undo.")


async def send_next(desk: Desk) -> None:
    """Move those of the chosen links that are queued to the front."""
    ids = tuple(task.id for task in desk.take() if is_queued(task))
    if moved := await desk.engine.run(SendNext(ids)):
        text = _("{links} moved to the front.").format(links=formats.count_links(len(moved)))
        desk.engine.say(text)
        return
    await desk.engine.effects_shown()
    still_queued = any(map(is_queued, desk.engine.select(ids)))
    text = _("Already at the front.") if still_queued else _("Already sent.")
    await desk.engine.say_why_not(ids, text)


async def pause(desk: Desk) -> None:
    """Pause or resume."""
    await desk.engine.run(PauseSending(not desk.model.status.is_paused))
    await desk.engine.effects_shown()


async def test_link(desk: Desk) -> None:
    """Test the link under the cursor, in parallel with tests of other links; show the result."""
    if task := desk.cursor_task:
        desk.panel.open_detail()
        desk.screen.call_later(desk.panel.show_detail)  # once the test has begun
        await desk.parts.link_prober.test(task.url)
        desk.panel.show_detail()
        desk.panel.detail.scroll_home(animate=False)  # where the result is


async def check_now(desk: Desk) -> None:
    """Check and send now, and look for the chosen tasks' files."""
    looked_for = [task for task in desk.chosen if is_lookable(task)]
    text = _("Checking all tasks…")
    if desk.model.status.connection is Connection.OFFLINE:
        text = _("Trying to reach 123pan…")
    if looked_for:
        desk.table.marks.close_range()
        text = _("Checking the folder…")
    if desk.model.attachment.is_reachable:  # otherwise the status bar says what is tried
        desk.engine.say(text)
    await desk.engine.run(PollNow())
    if looked_for:
        try:
            await desk.files.look(looked_for)
        finally:
            withdraw(desk.app, text)


def mark(desk: Desk) -> None:
    """Mark or unmark the task under the cursor, and move to the next."""
    desk.table.marks.toggle(desk.table.cursor_id)
    desk.table.action_cursor_down()


async def copy_links(desk: Desk) -> None:
    """Copy the links of the chosen tasks."""
    links = [task.url for task in desk.take() if task.has_link]
    await desk.parts.clipboard.copy("\n".join(links), formats.count_links(len(links)))


def is_queued(task: Task) -> bool:
    """Return whether `task` waits to be sent."""
    return task.state is TaskState.QUEUED
