"""Keys that pause the queue, and send links next."""

from collections.abc import Callable, Mapping

from textual import work
from textual.binding import Binding

from pan123_tui.domain.commands import PauseSending, RankTasks, SendNext
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.ui.dashboard.task_keys import TaskKeys
from pan123_tui.ui.disabled_reasons import queued_reason
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.queue import moved_text, unmoved_text

QUEUE_BINDINGS = (
    Binding(
        "P",
        "pause_sending",
        N_("pause or resume sending"),
        id="queue.pause",
        tooltip=N_("Pause or resume sending; queued links wait meanwhile, also after a restart"),
    ),
    Binding(
        "less_than_sign",
        "send_next",
        N_("to the front of the queue"),
        id="queue.front",
        tooltip=N_("Move queued links to the front: they are sent next"),
    ),
)


class QueueKeys(TaskKeys):
    """A screen whose keys change the queue."""

    _pauses_asked: tuple[bool, ...] = ()
    """What `P` has asked for and the model does not show yet."""

    def reasons(self) -> dict[str, Callable[..., str]]:
        return super().reasons() | {
            "send_next": lambda: queued_reason(self._chosen_tasks()),
        }

    def short_descriptions(self) -> dict[str, Callable[[], str | None]]:
        return super().short_descriptions() | {
            "queue.front": lambda: _("front"),
            "queue.pause": self._pause_description,
        }

    def _pause_description(self) -> str | None:
        if not self._queued_tasks():
            return None
        return _("resume") if self._model.status.is_paused else _("pause")

    def _queued_tasks(self) -> list[Task]:
        return [task for task in self._chosen_tasks() if task.state is TaskState.QUEUED]

    def action_pause_sending(self) -> None:
        is_paused = (self._model.status.is_paused, *self._pauses_asked)[-1]
        self._pauses_asked += (not is_paused,)
        self._pause(not is_paused)

    @work(group="queue")
    async def _pause(self, is_paused: bool) -> None:
        await self._actions.run(PauseSending(is_paused))
        await self._actions.effects_shown()
        self._pauses_asked = self._pauses_asked[1:]

    def action_send_next(self) -> None:
        """Move the chosen queued links to the front; `undo` puts them back."""
        self.table.close_range()
        self._move({task.id: task.rank for task in self._queued_tasks()})

    @work(group="queue")
    async def _move(self, former: Mapping[int, int]) -> None:
        moved = await self._actions.run(SendNext(tuple(former)))
        if moved is None:
            return
        if not moved:
            already = unmoved_text(len(former))
            await self._actions.say_why_not(tuple(former), already, reason=queued_reason)
            return
        undo = _("{key} undoes this.").format(key=self._actions.keys["tasks.undo"])
        text = join_sentences(moved_text(count_links(len(moved))), undo)
        ranks = {task.id: former[task.id] for task in moved}
        self._actions.offer_undo(RankTasks(ranks), text)
