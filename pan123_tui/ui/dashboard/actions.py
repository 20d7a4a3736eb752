"""The dashboard's actions: one row each, from which keys, key bar and help are made."""

from collections.abc import Callable, Mapping
from operator import attrgetter

from msgspec import Struct
from textual.binding import Binding

from pan123_tui.domain.arrival_check import is_lookable
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.events import Connection
from pan123_tui.domain.query import View
from pan123_tui.domain.task import Shown, Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dashboard import open_screens, task_actions
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dashboard.view import is_of_batches
from pan123_tui.wording import actions as wording
from pan123_tui.wording.formats import VIEW_LABELS

_VIEW_HINTS: Mapping[View, str] = {
    View.ALL: N_("Show all tasks"),
    View.ACTIVE: N_("Show what is queued, being sent, or running"),
    View.TROUBLE: N_("Show what failed or is unsure"),
    View.DONE: N_("Show what is done"),
}


class Action(Struct, frozen=True):
    """Something that a key does on the dashboard."""

    id: str
    """Its name in `[keys]`."""
    key: str
    """Keys, separated by commas; empty: the action has none."""
    words: str
    """In the key bar, the help and the search of actions."""
    run: Callable[[TaskPanel], object]
    """May return a coroutine, which is run beside the screen."""
    tooltip: str = ""
    """A whole sentence, if `words` are too few."""
    reason: Callable[[TaskPanel], str] = lambda _panel: ""
    """Returns why the action is not possible now; empty if it is."""
    counts: Callable[[Task], bool] | None = None
    """Which of the marked tasks it acts on; None: it does not act on marked tasks."""
    unsure_words: str = ""
    """In the key bar, if all tasks that it would act on are unsure; empty: the usual `words`."""
    is_usual: bool = False
    """Whether the key bar shows it while nothing is marked."""
    also: str = ""
    """Other words for it, by which the search of actions finds it in any language."""
    alone: str = ""
    """The group of workers whose running work it ends first."""

    @property
    def binding(self) -> Binding:
        return Binding(
            self.key, f"act({self.id!r})", self.words, show=False, tooltip=self.tooltip, id=self.id
        )


def _test_reason(panel: TaskPanel) -> str:
    if not panel.app.invocation.tests_from:
        return _("The demo cannot test links.")
    return wording.link_reason([panel.cursor_task] if panel.cursor_task else [])


def _check_reason(panel: TaskPanel) -> str:
    is_lost = not panel.app.model.attachment.is_reachable  # then the engine is what is tried
    if is_lost or any(map(is_lookable, panel.chosen)):
        return ""
    if panel.app.model.status.connection is Connection.NO_ACCOUNT:
        return _("No account: press {app.settings} to log in.")
    return wording.poll_reason(panel.app.model.counts)


def _show_batch(panel: TaskPanel) -> None:
    """Search for the batch of the task under the cursor, or clear that search."""
    if is_of_batches(panel.list_query):
        panel.update_query(search="")
    elif task := panel.cursor_task:
        panel.show_batch(batch_name(task))


def _show(view: View) -> Callable[[TaskPanel], object]:
    return lambda panel: panel.update_query(view=view)


def _list_reason(panel: TaskPanel) -> str:
    return "" if panel.table.order else wording.no_task_reason()


_ROWS = (
    Action(
        "links.add",
        "a",
        N_("add"),
        lambda panel: open_screens.review_links(panel, panel.app.clipboards.take_collected()),
        N_("Add links"),
        is_usual=True,
        also="new url insert 新建 链接",
    ),
    Action(
        "links.paste",
        "p",
        N_("paste"),
        open_screens.paste,
        N_("Paste the links from the clipboard"),
        alone="clipboard read",
        also="clipboard 粘贴 剪贴板",
    ),
    Action(
        "tasks.details",
        "enter",
        N_("details"),
        lambda panel: panel.choose_task(),
        N_("Open the details, scroll in them, or close them"),
        _list_reason,
        is_usual=True,
    ),
    Action(
        "tasks.retry",
        "r",
        N_("retry"),
        task_actions.retry,
        N_("Retry what failed; say what became of an unsure link"),
        lambda panel: wording.retry_reason(panel.chosen),
        attrgetter("is_retryable"),
        N_("resolve"),
        is_usual=True,
        also="again confirm restart 重试 确认 重新",
    ),
    Action(
        "tasks.retry_failed",
        "R",
        N_("retry failed"),
        task_actions.retry_failed,
        N_("Retry all failed tasks, or those that the search finds"),
        lambda panel: "" if panel.app.model.counts[Shown.FAILED] else _("Nothing has failed."),
    ),
    Action(
        "tasks.edit",
        "e",
        N_("edit"),
        open_screens.edit,
        N_("Edit the link, name or folder, then queue it again"),
        lambda panel: wording.edit_reason(panel.chosen),
        attrgetter("is_editable"),
        also="rename move change 改名 修改 重命名",
    ),
    Action(
        "tasks.remove",
        "d,delete",
        N_("remove"),
        task_actions.remove,
        N_("Remove from this list only; files stay, running downloads go on"),
        lambda panel: wording.removal_reason(panel.chosen),
        lambda _task: True,
        is_usual=True,
        also="delete stop cancel 删除 移除 取消 停止",
    ),
    Action(
        "tasks.undo",
        "u",
        N_("undo"),
        task_actions.undo,
        N_("Undo a removal"),
        lambda panel: (
            "" if panel.removals or panel.removing.locked() else _("There is nothing to undo.")
        ),
        also="restore 恢复 撤回",
    ),
    Action(
        "tasks.clear_succeeded",
        "c",
        N_("clear done"),
        task_actions.clear,
        N_("Remove all done tasks from this list"),
        lambda panel: "" if panel.counts.get(View.DONE) else _("There is nothing to clear."),
    ),
    Action(
        "tasks.test",
        "t",
        N_("test the link"),
        task_actions.test_link,
        N_("Test the link; its host sees your address"),
        _test_reason,
    ),
    Action(
        "tasks.poll",
        "f5",
        N_("check now"),
        task_actions.check_now,
        N_("Check tasks, send links and find this task's file"),
        _check_reason,
        also="refresh update 刷新",
    ),
    Action(
        "queue.pause",
        "P",
        N_("pause or resume"),
        task_actions.pause,
        N_("Pause or resume sending; a pause survives a restart"),
        also="stop continue 暂停 继续 停止",
    ),
    Action(
        "queue.front",
        "less_than_sign",
        N_("send next"),
        task_actions.send_next,
        N_("Move queued links to the front: they are sent next"),
        lambda panel: wording.front_reason(panel.chosen),
        task_actions.is_queued,
    ),
    Action(
        "links.copy",
        "y",
        N_("copy"),
        task_actions.copy_links,
        N_("Copy the links of the marked tasks, or of this one"),
        lambda panel: wording.link_reason(panel.chosen),
        attrgetter("has_link"),
        alone="copy",
    ),
    Action(
        "files.link",
        "L",
        N_("copy download links"),
        lambda panel: panel.app.files.copy_links(panel.take(), panel.app.clipboards.copy),
        N_("Copy a temporary download link to the file on the drive"),
        lambda panel: wording.file_reason(panel.chosen),
        lambda task: task.file_id is not None,
        alone="copy",
    ),
    Action(
        "files.open",
        "o",
        N_("web page"),
        lambda panel: panel.app.files.open_web_site(panel.app.clipboards.copy),
        N_("Open 123pan's website"),
        _list_reason,
        alone="copy",
    ),
    Action(
        "links.watch",
        "w",
        N_("watch clipboard"),
        lambda panel: panel.app.clipboards.set_watch(
            is_wanted=not panel.app.clipboards.is_watching
        ),
        N_("Watch the clipboard for links, or stop watching"),
        lambda panel: panel.app.clipboards.disabled_reason,
    ),
    Action(
        "links.forget",
        "",
        N_("forget sent links"),
        open_screens.forget_sent,
        N_("Forget which links were sent before, so that they are new again"),
        also="history memory duplicates 历史 记录 重复 忘记",
    ),
    Action("marks.toggle", "space", N_("mark"), task_actions.mark, "", _list_reason),
    Action(
        "marks.range",
        "v",
        N_("mark a range"),
        lambda panel: panel.table.marks.mark_range(),
        N_("Start a range; the next action applies to all rows up to the cursor"),
        _list_reason,
    ),
    Action(
        "marks.all",
        "ctrl+a",
        N_("mark all shown"),
        lambda panel: panel.table.marks.add(panel.table.order),
        "",
        _list_reason,
    ),
    Action(
        "marks.invert",
        "asterisk",
        N_("invert the marks"),
        lambda panel: panel.table.marks.toggle(panel.table.order),
        "",
        _list_reason,
    ),
    Action(
        "view.back",
        "escape",
        N_("back"),
        lambda panel: panel.go_back(),
        N_("Close the details, then unmark, then clear the search"),
    ),
    Action(
        "view.search",
        "slash",
        N_("search"),
        lambda panel: panel.call_next(panel.open_search),
        is_usual=True,
        also="find filter 查找 筛选",
    ),
    Action(
        "tasks.show_batch",
        "b",
        N_("only this batch"),
        _show_batch,
        N_("Show only this task's batch, or everything again"),
        lambda panel: "" if is_of_batches(panel.list_query) else _list_reason(panel),
    ),
    Action(
        "view.sort",
        "s",
        N_("sort"),
        open_screens.choose_order,
        N_("Sort the list; ▴ in a heading means lowest first, ▾ highest first"),
        alone="dialog",
    ),
    Action(
        "view.reverse",
        "S",
        N_("reverse the order"),
        lambda panel: panel.update_query(reverse=not panel.list_query.reverse),
    ),
    *(
        Action(f"view.show_{view}", str(number), label, _show(view), _VIEW_HINTS[view])
        for number, (view, label) in enumerate(VIEW_LABELS.items(), start=1)
    ),
    Action(
        "app.settings",
        "comma",
        N_("settings"),
        open_screens.open_settings,
        N_("Settings: log in (account, token), language, theme, folders"),
        also="options preferences account log in browser aria2 选项 偏好 登录 浏览器",
    ),
    Action(
        "app.manual",
        "",
        N_("manual"),
        open_screens.open_manual,
        N_("Read the manual: words, keys, search, settings, push …"),
    ),
    Action(
        "app.words",
        "",
        N_("words on the screen"),
        lambda panel: open_screens.open_manual(panel, "words"),
        N_("What the states, notes and status line say: DEMO, counts, account, batch …"),
        also="demo status bar draft since 状态栏 演示 批次 草稿 术语",
    ),
    Action(
        "app.leave",
        "q",
        N_("leave"),
        lambda panel: panel.app.leave(),
        N_("Leave; the engine goes on, a demo for ten minutes"),
        is_usual=True,
        also="quit exit close 退出 关闭",
    ),
    Action(
        "app.end",
        "Q",
        N_("leave and end the engine"),
        open_screens.leave_and_end,
        N_("Leave and end the engine: nothing more is sent or checked"),
        also="quit exit stop shutdown 退出 停止",
    ),
)
ACTIONS: Mapping[str, Action] = {action.id: action for action in _ROWS}
"""By id, in the order of the help."""
