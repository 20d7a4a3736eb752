"""What can be done to the files that arrived: values that the engine returns."""

from msgspec import Struct

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.links.file_names import clean_name, display_name
from pan123_tui.domain.task import Task

LINKS_AT_ONCE = 25
"""Links of one command, fetched within the rate in a few seconds."""
MOVED_AT_ONCE = 100
"""Files of one command, as many as the service moves at once."""


class DownloadLink(Struct, frozen=True):
    """A link to the file of a task, or why there is none."""

    task_id: int
    name: str
    """The name of the file: outside text, never markup."""
    url: str = ""
    """Printable ASCII without blanks; whoever has it needs no log-in."""
    problem: Problem | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(task_id={self.task_id}, …)"

    @property
    def safe_name(self) -> str:
        """A name without folders, line breaks and other traps, to save the file here."""
        return clean_name(self.name) or f"task-{self.task_id}"


class FileChange(Struct, frozen=True):
    """What became of renaming or moving the file of a task."""

    task_id: int
    is_done: bool | None = None
    """None: nobody knows, because no answer came."""
    file: FileEntry | None = None
    """The file as the service has it now, where it could be asked."""
    problem: Problem | None = None


def file_name(task: Task) -> str:
    """Return the name of the file that arrived, else the one that it should have."""
    arrived = task.arrival.name if task.arrival else ""
    return arrived or display_name(task.name, task.url)
