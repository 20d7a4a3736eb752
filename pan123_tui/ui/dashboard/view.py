"""What the dashboard shows: plain functions of the tasks, the query and the time, and the tabs."""

from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.query import Query, View, predicate_for, sort_tasks
from pan123_tui.domain.task import Shown, Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _
from pan123_tui.wording.formats import VIEW_LABELS, number
from pan123_tui.wording.notes import NoteContext, next_to_send, searched_note

_CHOSEN = "bold underline $block-cursor-foreground on $block-cursor-background"


class Rows(Struct, frozen=True, eq=False):
    """What the table shows."""

    query: Query = Query()
    ids: tuple[int, ...] = ()
    """The tasks that the query selects, in its order."""
    tasks: Mapping[int, Task] = {}
    """Read for each line."""
    notes: NoteContext = NoteContext()
    """What the notes depend on besides the tasks, including the time used for ages."""
    keeps_top: bool = False
    """Whether a cursor in the first row stays there, and not on its task."""
    goes_to: int | None = None


def notes_of(model: TaskModel, now: float) -> NoteContext:
    return NoteContext(
        now=now,
        status=model.status,
        folder_names=model.folder_names,
        running=model.counts[Shown.RUNNING],
        next_id=next_to_send(model.tasks),
        has_keys=True,
    )


def ids_in_order(
    query: Query, tasks: TaskCollection, notes: NoteContext, kept: int | None = None
) -> tuple[int, ...]:
    """Return the ids of the tasks that `query` selects, and of the `kept` one, in its order."""
    if query.shows_all_by_age:
        return tuple(sorted(tasks, reverse=not query.reverse))
    candidates = tasks.unfinished if query.view is View.ACTIVE else tasks
    chosen = {it.id: it for it in filter(selects(query, tasks, notes), candidates.values())}
    if task := tasks.get(kept or 0):
        chosen[task.id] = task
    return tuple(sort_tasks(chosen.values(), query.sort, reverse=query.reverse))


def selects(query: Query, tasks: TaskCollection, notes: NoteContext) -> Callable[[Task], bool]:
    if not query.search:
        return predicate_for(query.view)
    # Nothing is searched at first.
    from pan123_tui.domain.filter import FilterContext, predicate_of  # noqa: PLC0415

    note = partial(searched_note, context=notes)
    context = FilterContext(notes.now, notes.folder_names, tasks, note)
    return predicate_of(query, context)


def is_of_batches(query: Query) -> bool:
    """Return whether the search selects whole batches and nothing else."""
    if not query.search:
        return False
    from pan123_tui.domain.filter import parse  # noqa: PLC0415 - as above

    return parse(query.search).is_of_batches


class ViewTabs(Widget):
    """One tab for each view; a click does what its key does."""

    counts: reactive[Mapping[View, int]] = reactive[Mapping[View, int]]({}, layout=True)
    list_query = reactive(Query())
    auto_links = False
    """Textual would repaint what is under a moving mouse."""

    def get_content_width(self, *_sizes: Size) -> int:
        return self._line(has_keys=True).cell_length

    def render(self) -> Content:
        """Return the tabs, with their keys if there is room."""
        line = self._line(has_keys=True)
        return line if line.cell_length <= self.size.width else self._line(has_keys=False)

    def _line(self, *, has_keys: bool) -> Content:
        line = Content()
        for key, (view, label) in enumerate(VIEW_LABELS.items(), start=1):
            is_chosen = view == self.list_query.view
            muted = "" if is_chosen else "$text-muted"
            parts = (f"{key}:" if has_keys else "", muted), _(label)
            count = f" {number(self.counts[view])}" if self.counts else ""
            is_alarm = view == View.TROUBLE and self.counts.get(view) and not is_chosen
            tab = Content.assemble(*parts, (count, "$text-error" if is_alarm else muted))
            tab = Content.assemble(" ", tab.stylize(_CHOSEN if is_chosen else ""), " ")
            line += tab.stylize(Style.from_meta({"@click": f"screen.act('view.show_{view}')"}))
        return line
