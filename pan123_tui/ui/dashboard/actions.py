"""The actions of the dashboard: one row each, from which keys, key bar and help are made."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from msgspec import Struct
from textual.binding import Binding
from textual.message import Message

from pan123_tui.domain.arrival_check import is_lookable
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.commands import PauseSending
from pan123_tui.domain.filter_words import batch_term
from pan123_tui.domain.query import View
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import N_, _, language
from pan123_tui.ui.dashboard.desk import Desk
from pan123_tui.ui.dashboard.list_state import VIEW_HINTS
from pan123_tui.ui.task_actions import EditAsked, count_hidden, unanswered_text
from pan123_tui.ui.textual_private import withdraw
from pan123_tui.wording import reasons
from pan123_tui.wording.formats import VIEW_LABELS, count_links
from pan123_tui.wording.outcomes import link_check_text
from pan123_tui.wording.results import poll_text

_VIEWS = Binding.Group(N_("views"), compact=True)


@dataclass
class AddAsked(Message):
    """The links in `text` should be reviewed."""

    text: str


@dataclass
class RedirectAsked(Message):
    """The links for a missing folder should go elsewhere."""

    folder_id: int


def _always(_desk: Desk) -> str:
    return ""


class Action(Struct, frozen=True):
    """Something that a key does on the dashboard."""

    id: str
    """Its name in `[keys]`."""
    key: str
    """Several keys with commas between them; empty: it has none."""
    words: str
    """In the key bar, the help and the search of actions."""
    run: Callable[[Desk], object]
    """May return a coroutine, which is run beside the screen."""
    tooltip: str = ""
    """The whole sentence, where `words` are too few."""
    reason: Callable[[Desk], str] = _always
    """Says why it is not possible now; an empty text where it is."""
    counts: Callable[[Task], bool] | None = None
    """Which of the marked tasks it acts on; None: it does not act on marked ones."""
    is_usual: bool = False
    """Whether the key bar shows it while nothing is marked."""
    group: Binding.Group | None = None
    alone: str = ""
    """Ends what is still going on in this group of workers."""

    @property
    def binding(self) -> Binding:
        """The key with what it does."""
        return Binding(
            self.key,
            f"act({self.id!r})",
            self.words,
            show=False,
            tooltip=self.tooltip,
            id=self.id,
            group=self.group,
        )


# Tasks


async def _retry(desk: Desk) -> None:
    await desk.actions.retry(desk.take(), shown=desk.table.order)


async def _retry_failed(desk: Desk) -> None:
    """Retry what failed, whatever the view; with a search, only what that finds."""
    matches = desk.panel.list_state.matcher(desk.model.tasks, now=desk.clock())
    await desk.actions.retry_failed(matches, shown=desk.table.order)


def _edit(desk: Desk) -> None:
    """Edit the chosen tasks; a queued one whose folder is missing gets another folder."""
    tasks = [task for task in desk.take() if task.is_editable]
    folder_id = tasks[0].folder_id if len(tasks) == 1 else None
    if folder_id in desk.model.status.missing_folders and tasks[0].state is TaskState.QUEUED:
        desk.screen.post_message(RedirectAsked(folder_id))
    else:
        desk.screen.post_message(EditAsked(tasks, count_hidden(tasks, desk.table.order)))


async def _remove(desk: Desk) -> None:
    await desk.actions.remove(desk.take(), shown=desk.table.order)


async def _undo(desk: Desk) -> None:
    await desk.actions.undo()
    desk.screen.refresh_bindings()
    if desk.screen.is_active:  # else it is shown when the screen is uncovered
        desk.panel.reveal(desk.actions.take_added())


def _undo_reason(desk: Desk) -> str:
    return "" if desk.actions.can_undo else _("There is nothing to undo.")


def _clear_reason(desk: Desk) -> str:
    return reasons.clear_reason(desk.model.counts.get(TaskState.SUCCEEDED, 0))


async def _test_link(desk: Desk) -> None:
    """Test the link under the cursor, beside the tests of other links."""
    if (task := desk.cursor_task) is None:
        return
    testing = _("Testing the link…")
    desk.screen.call_later(_show_test, desk, testing)  # once the test has begun
    if result := await desk.prober.test(task.url):
        withdraw(desk.screen.app, testing)
        _show_test(desk, link_check_text(result))


def _show_test(desk: Desk, text: str) -> None:
    """Show how the test of a link stands: in the details, or as `text`."""
    desk.panel.show_detail()
    if not desk.panel.is_detail_open:
        desk.say(text)


def _test_reason(desk: Desk) -> str:
    if not desk.prober.is_possible:
        return _("Links cannot be tested here.")
    return reasons.link_reason([desk.cursor_task] if desk.cursor_task else [])


async def _check_now(desk: Desk) -> None:
    """Check and send now, and look for the files of the chosen tasks."""
    looked_for = [task for task in desk.chosen if is_lookable(task)]
    text = poll_text(desk.model.status, now=desk.clock())
    if looked_for:
        desk.table.close_range()
        text = _("Looking into the folder…")
    if not unanswered_text(desk.model.attachment):
        desk.say(text)
    await desk.actions.poll_now()
    if looked_for:
        await desk.files.look(looked_for)
        withdraw(desk.screen.app, text)


def _check_reason(desk: Desk) -> str:
    is_lost = not desk.model.attachment.is_reachable  # then it is the engine that is tried
    if is_lost or any(map(is_lookable, desk.chosen)):
        return ""
    return reasons.poll_reason(desk.model.counts)


# The queue


def _pause(desk: Desk) -> Coroutine[Any, Any, None]:
    """Pause or resume; of several keys in a row each undoes the former."""
    is_paused = not (desk.model.status.is_paused, *desk.pauses_asked)[-1]
    desk.pauses_asked += (is_paused,)
    return _ask_pause(desk, is_paused=is_paused)


async def _ask_pause(desk: Desk, *, is_paused: bool) -> None:
    await desk.actions.run(PauseSending(is_paused))
    await desk.actions.effects_shown()
    desk.pauses_asked = desk.pauses_asked[1:]


async def _send_next(desk: Desk) -> None:
    await desk.actions.send_next([task for task in desk.take() if _is_queued(task)])


def _is_queued(task: Task) -> bool:
    return task.state is TaskState.QUEUED


# Links and files


async def _copy_links(desk: Desk) -> None:
    links = [task.url for task in desk.take() if task.has_link]
    await desk.clipboard.copy("\n".join(links), count_links(len(links)))


async def _copy_download_links(desk: Desk) -> None:
    await desk.files.copy_links(desk.take(), desk.clipboard.copy)


async def _open_folder(desk: Desk) -> None:
    if task := desk.cursor_task:
        await desk.files.open_folder(task, desk.clipboard.copy)


def _file_reason(desk: Desk) -> str:
    return reasons.file_reason(desk.chosen, poll_key=desk.actions.keys["tasks.poll"])


def _add(desk: Desk) -> None:
    desk.screen.post_message(AddAsked(desk.take_collected()))


async def _paste(desk: Desk) -> None:
    """Review the links in the clipboard, after those that the watch has collected."""
    text = await desk.clipboard.read()
    if text or desk.clipboard.collected:
        desk.screen.post_message(AddAsked("\n".join(filter(None, (desk.take_collected(), text)))))


def _watch(desk: Desk) -> None:
    if desk.clipboard.is_watching:
        desk.stop_watching()
    else:
        desk.watch_clipboard()


# The view


def _search(desk: Desk) -> None:
    desk.screen.call_next(desk.panel.action_search)


def _show_batch(desk: Desk) -> None:
    """Search for the batch of the task under the cursor, or clear that search."""
    if desk.panel.list_state.is_of_batches:
        desk.panel.update_query(search="")
    elif task := desk.cursor_task:
        desk.panel.update_query(search=batch_term(batch_name(task), language()))


def _view(number: int, view: View, label: str) -> Action:
    return Action(
        f"view.show_{view}",
        str(number),
        label,
        lambda desk: desk.panel.action_view(number - 1),
        tooltip=VIEW_HINTS[view],
        group=_VIEWS,
    )


def _list_reason(desk: Desk) -> str:
    return "" if desk.table.total else reasons.no_task_reason()


_ROWS = (
    Action("links.add", "a", N_("add"), _add, N_("Add links"), is_usual=True),
    Action(
        "links.paste",
        "p",
        N_("paste"),
        _paste,
        N_("Paste the links in the clipboard"),
        alone="clipboard read",
    ),
    Action(
        "tasks.details",
        "enter",
        N_("details"),
        lambda desk: desk.panel.choose_task(),
        N_("Open the details, scroll in them, or close them"),
        _list_reason,
        is_usual=True,
    ),
    Action(
        "tasks.retry",
        "r",
        N_("retry"),
        _retry,
        N_("Retry what failed; say what became of an unsure link"),
        lambda desk: reasons.retry_reason(desk.chosen),
        attrgetter("is_retryable"),
        is_usual=True,
    ),
    Action(
        "tasks.retry_failed",
        "R",
        N_("retry failed"),
        _retry_failed,
        N_("Retry all failed tasks, or those that the search finds"),
        lambda desk: reasons.retry_failed_reason(desk.model.failed_count),
    ),
    Action(
        "tasks.edit",
        "e",
        N_("edit"),
        _edit,
        N_("Edit the link, name or folder, then queue it again"),
        lambda desk: reasons.edit_reason(desk.chosen),
        attrgetter("is_editable"),
    ),
    Action(
        "tasks.remove",
        "d,delete",
        N_("remove"),
        _remove,
        N_("Remove from this list; files on the drive stay"),
        lambda desk: reasons.removal_reason(desk.chosen),
        lambda _task: True,
        is_usual=True,
    ),
    Action("tasks.undo", "u", N_("undo"), _undo, N_("Undo a removal or a move"), _undo_reason),
    Action(
        "tasks.clear_succeeded",
        "c",
        N_("clear done"),
        lambda desk: desk.actions.clear(),
        N_("Remove all done tasks from this list"),
        _clear_reason,
    ),
    Action(
        "tasks.test",
        "t",
        N_("test the link"),
        _test_link,
        N_("Ask the link's host from here, which sees your address"),
        _test_reason,
    ),
    Action(
        "tasks.poll",
        "f5",
        N_("check now"),
        _check_now,
        N_("Check and send now; look for the file of a done or unsure task"),
        _check_reason,
    ),
    Action(
        "queue.pause",
        "P",
        N_("pause or resume"),
        _pause,
        N_("Pause or resume sending; queued links wait meanwhile, also after a restart"),
    ),
    Action(
        "queue.front",
        "less_than_sign",
        N_("send next"),
        _send_next,
        N_("Move queued links to the front: they are sent next"),
        lambda desk: reasons.front_reason(desk.chosen),
        _is_queued,
    ),
    Action(
        "links.copy",
        "y",
        N_("copy"),
        _copy_links,
        N_("Copy the links of the marked tasks, or of this one"),
        lambda desk: reasons.link_reason(desk.chosen),
        attrgetter("has_link"),
        alone="copy",
    ),
    Action(
        "files.link",
        "L",
        N_("copy download links"),
        _copy_download_links,
        N_("Copy a link to the file on the drive, which works for a while"),
        _file_reason,
        lambda task: task.file_id is not None,
        alone="copy",
    ),
    Action(
        "files.open",
        "o",
        N_("web page"),
        _open_folder,
        N_("Open 123pan's web page, and name the folder there"),
        _list_reason,
        alone="copy",
    ),
    Action(
        "links.watch",
        "w",
        N_("watch clipboard"),
        _watch,
        N_("Watch the clipboard for links, or stop it"),
        lambda desk: desk.watch_reason,
    ),
    Action(
        "marks.toggle", "space", N_("mark"), lambda desk: desk.table.action_mark(), "", _list_reason
    ),
    Action(
        "marks.range",
        "v",
        N_("mark a range"),
        lambda desk: desk.table.action_mark_range(),
        N_("Begin a range; the next action is for all up to the cursor"),
        _list_reason,
    ),
    Action(
        "marks.all",
        "ctrl+a",
        N_("mark all shown"),
        lambda desk: desk.table.action_mark_all(),
        "",
        _list_reason,
    ),
    Action(
        "marks.invert",
        "asterisk",
        N_("invert the marks"),
        lambda desk: desk.table.action_invert_marks(),
        "",
        _list_reason,
    ),
    Action(
        "view.back",
        "escape",
        N_("back"),
        lambda desk: desk.panel.action_back(),
        N_("Close the details, then unmark, then show all"),
        lambda desk: desk.panel.back_reason(),
    ),
    Action("view.search", "slash", N_("search"), _search, is_usual=True),
    Action(
        "tasks.show_batch",
        "b",
        N_("only this batch"),
        _show_batch,
        N_("Show only the batch of this task, or everything again"),
        lambda desk: "" if desk.panel.list_state.is_of_batches else _list_reason(desk),
    ),
    Action("view.sort", "s", N_("sort"), lambda desk: desk.panel.action_sort(), alone="dialog"),
    Action("view.reverse", "S", N_("reverse the order"), lambda desk: desk.panel.action_reverse()),
    Action(
        "view.next",
        "tab",
        N_("next view"),
        lambda desk: desk.panel.action_next_view(1),
        group=_VIEWS,
    ),
    Action(
        "view.former",
        "shift+tab",
        N_("previous view"),
        lambda desk: desk.panel.action_next_view(-1),
        group=_VIEWS,
    ),
    *(_view(n, view, label) for n, (view, label) in enumerate(VIEW_LABELS.items(), 1)),
    Action(
        "app.settings",
        "comma",
        N_("settings"),
        lambda desk: desk.owner.action_settings(),
        N_("Settings: log in (account, token), language, theme, folders"),
        lambda desk: desk.owner.settings_reason,
    ),
    Action(
        "app.welcome",
        "",
        N_("welcome"),
        lambda desk: desk.owner.welcome(),
        N_("The ways to begin"),
        lambda desk: desk.owner.settings_reason,
    ),
    Action(
        "app.manual",
        "",
        N_("manual"),
        lambda desk: desk.owner.open_manual(),
        N_("Read the manual: keys, search, settings, messages to your phone …"),
    ),
    Action(
        "app.leave",
        "q",
        N_("leave"),
        lambda desk: desk.owner.leave(),
        N_("Leave; the engine goes on"),
        is_usual=True,
    ),
    Action(
        "app.end",
        "Q",
        N_("leave and end the engine"),
        lambda desk: desk.owner.leave_and_end(),
        N_("Leave and end the engine: nothing is sent or checked any more"),
    ),
)
ACTIONS: Mapping[str, Action] = {action.id: action for action in _ROWS}
"""By id, in the order of the help."""
