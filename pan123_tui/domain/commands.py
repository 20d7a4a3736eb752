"""The commands to the engine as values, each with the type of its result."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Generic, TypeVar, Union, get_args

from msgspec import Struct, field

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.folders import FolderSearch
from pan123_tui.domain.links.file_names import clean_name, display_name
from pan123_tui.domain.links.probes import ProbeResult
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.send_queue import Adoption
from pan123_tui.domain.task import DownloadRequest, SentLink, Source, Task, TaskState

LINKS_AT_ONCE = 25
"""Links fetched by one command, which takes a few seconds at the usual rate."""

T = TypeVar("T")


class Command(Struct, Generic[T], frozen=True, tag_field="do"):
    """A request to the engine; `T` is the type of its result, `do` its name when encoded."""


class AddTasks(Command[tuple[Task, ...]], frozen=True, tag="add", rename={"downloads": "drafts"}):
    """Queue links in their order; the result is their tasks, without links added meanwhile."""

    downloads: tuple[DownloadRequest, ...]
    batch: str = ""
    """The label of their batch; empty: it is named by the time."""
    newest_known: int | None = None
    """The newest task that the duplicate check knew; None: no link is left out."""
    again: frozenset[str] = frozenset()
    """Duplicates that the user keeps: they are queued in any case."""
    batches: Mapping[str, str] = field(default_factory=dict)
    """The labels of the links, by link, that belong to another batch."""
    subfolder: str = ""
    """A path to make in their folder, or else from the root."""
    source: tuple[Source, ...] = ()

    @property
    def new_keys(self) -> set[str]:
        """The duplicate keys of the links that are not to be sent again."""
        if self.newest_known is None:
            return set()
        return {duplicate_key(it.url) for it in self.downloads} - {*map(duplicate_key, self.again)}

    def select(
        self, tasks: Mapping[int, Task], sent: Collection[str] = ()
    ) -> tuple[DownloadRequest, ...]:
        """Return what to queue: no link that is newer in `tasks` or whose key is in `sent`."""
        taken = self.new_keys & (_links_since(self.newest_known, tasks) | {*sent})
        return tuple(it for it in self.downloads if not taken or duplicate_key(it.url) not in taken)


class ProbeLink(Command[ProbeResult], frozen=True, tag="test"):
    """Test a link from the engine's machine, whose address its host sees."""

    url: str


class FindSent(Command[dict[str, SentLink]], frozen=True, tag="find_sent"):
    """Find links, by their duplicate keys, that were sent and are no longer in the list."""

    keys: tuple[str, ...]


class ForgetSent(Command[int], frozen=True, tag="forget_sent"):
    """Forget all such links; the result is how many there were."""


class AdoptTasks(Command[tuple[Task, ...]], frozen=True, tag="adopt"):
    """Watch tasks that other clients created at the service; the result is the new ones."""

    adoptions: tuple[Adoption, ...]
    batch: str = ""
    """The label of their batch; empty: it is named by the time."""


class RetryTasks(
    Command[tuple[Task, ...]],
    frozen=True,
    tag="retry",
    rename={"unsure_too": "unconfirmed_too"},
):
    """Queue tasks again; the result is those for which that was possible."""

    ids: tuple[int, ...] | None = None
    """None: all that failed, but none whose file is in doubt."""
    unsure_too: bool = False
    """Whether to send unsure ones again too, although the service may already have them."""
    to: int | None = None
    """The folder to use, for queued ones too (0: the service's own); None: as before."""

    def select(self, tasks: Iterable[Task]) -> list[Task]:
        wanted = None if self.ids is None else frozenset(self.ids)
        named = (task for task in tasks if wanted is None or task.id in wanted)
        return [task for task in named if self.fits(task)]

    def fits(self, task: Task) -> bool:
        is_moved = self.to is not None and task.state is TaskState.QUEUED
        is_wanted = self.unsure_too if task.is_unsure else task.has_failed or self.ids is not None
        return is_moved or (task.is_retryable and is_wanted)


class ConfirmTasks(Command[tuple[Task, ...]], frozen=True, tag="confirm"):
    """Mark tasks as succeeded because the user says so; the result is those that were unsure."""

    ids: tuple[int, ...]


class LookForFiles(Command[tuple[Task, ...]], frozen=True, tag="look"):
    """Look for files now; the result is the tasks that were looked for in time."""

    ids: tuple[int, ...]


class EditTask(Command[Task | None], frozen=True, tag="edit"):
    """Change a task that is queued, failed or in doubt and queue it; None for any other task.

    Raises `LinkKnown` if another task has the new link.
    """

    task_id: int
    download: DownloadRequest


class RemoveTasks(Command[tuple[Task, ...]], frozen=True, tag="remove"):
    """Remove tasks, except those being sent; the result is what `RestoreTasks` brings back."""

    ids: tuple[int, ...]


class RestoreTasks(Command[tuple[Task, ...]], frozen=True, tag="restore"):
    """Add removed tasks back; the result is them, without those whose link was added meanwhile."""

    tasks: tuple[Task, ...]
    newest_known: int | None = None
    """The newest task when they were removed; None: no link is left out."""

    def select(self, tasks: Mapping[int, Task]) -> tuple[Task, ...]:
        newer = _links_since(self.newest_known, tasks)
        return tuple(it for it in self.tasks if not newer or duplicate_key(it.url) not in newer)


def _links_since(newest_known: int | None, tasks: Mapping[int, Task]) -> set[str]:
    """Return the duplicate keys of the links in `tasks` that are newer than `newest_known`."""
    newer = () if newest_known is None else (tasks[i] for i in tasks if i > newest_known)
    return {duplicate_key(task.url) for task in newer if task.has_link}


class PauseSending(Command[None], frozen=True, tag="pause"):
    """Pause or resume; a link that is being sent is finished."""

    is_paused: bool


class SendNext(Command[tuple[Task, ...]], frozen=True, tag="next"):
    """Move queued links to the front of the queue; the result is those that moved."""

    ids: tuple[int, ...]


class PollNow(Command[None], frozen=True, tag="poll"):
    """Poll all active tasks now and end every wait, except a pause by the user."""


class SetVisible(Command[None], frozen=True, tag="visible"):
    """Poll the tasks on a screen more often than the others."""

    ids: tuple[int, ...] = ()
    screen_id: str = ""
    """Which screen that is; the engine fills it in."""


class FindFolder(Command[FolderSearch], frozen=True, tag="find_folder"):
    target: int | tuple[str, ...]
    makes_missing: bool = False


class DownloadLink(Struct, frozen=True):
    """A link to the file of a task, or why there is none."""

    task_id: int
    name: str
    """The name of the file: outside text, never markup."""
    url: str = ""
    """Printable ASCII without blanks; whoever has it needs no login."""
    problem: Problem | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(task_id={self.task_id}, …)"

    @property
    def safe_name(self) -> str:
        """The name without folders, line breaks and other traps, for saving the file locally."""
        return clean_name(self.name) or f"task-{self.task_id}"


class GetDownloadLinks(Command[tuple[DownloadLink, ...]], frozen=True, tag="links"):
    ids: tuple[int, ...]


class ReloadSettings(Command[str | None], frozen=True, tag="reload"):
    """Use the settings as saved now; the result is the variable that overrides the account."""


class StopEngine(Command[None], frozen=True, tag="stop"):
    """End the engine once the answer is on its way."""


ANY_COMMAND: Any = Union[tuple(Command.__subclasses__())]  # noqa: UP007 - one has no `|`


def result_type(command: Command[Any]) -> Any:
    (base,) = type(command).__orig_bases__  # type: ignore[attr-defined]
    return get_args(base)[0]


def file_name(task: Task) -> str:
    """Return the name of the file that arrived, or else the name it should have."""
    arrived = task.arrival.name if task.arrival else ""
    return arrived or display_name(task.name, task.url)
