"""Links to the files that arrived: the values that the engine returns."""

from msgspec import Struct

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.links.file_names import clean_name, display_name
from pan123_tui.domain.task import Task

LINKS_AT_ONCE = 25
"""Links of one command, fetched within the rate in a few seconds."""


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
        """A name without folders, line breaks and other traps, to save the file here."""
        return clean_name(self.name) or f"task-{self.task_id}"


def file_name(task: Task) -> str:
    """Return the name of the file that arrived, else the one that it should have."""
    arrived = task.arrival.name if task.arrival else ""
    return arrived or display_name(task.name, task.url)
