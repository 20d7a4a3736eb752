"""The details of one task as lines of text, and the pane that shows them."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive, var
from textual.widget import Widget

from pan123_tui.domain.arrival_check import is_check_pending
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.links.url import host_of, is_private
from pan123_tui.domain.sanitize import hide_password, pad_or_truncate, sanitize, width
from pan123_tui.domain.task import SHOWN_AS, Shown, Task, TaskState, shown_state
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dashboard.columns import Row
from pan123_tui.ui.keymap import move
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS, STYLE_TOKENS
from pan123_tui.ui.widgets.styled_text import bar_parts, folded, wrapped
from pan123_tui.wording import formats
from pan123_tui.wording.actions import no_task_reason
from pan123_tui.wording.dashboard import named_facts, step_texts
from pan123_tui.wording.link_tests import link_check_text
from pan123_tui.wording.notes import (
    NoteContext,
    failure_reason,
    file_doubt,
    is_refused_alone,
    look_advice,
    look_text,
    note,
    patience_advice,
    signed_word,
)
from pan123_tui.wording.problems import explain_problem

MIN_CELLS = 20
_MUTED, _STALLED = "$text-muted", f"${STALLED_TOKEN}"
_BAR_CELLS = 60
Paragraphs = Iterator[tuple[str, str]]
"""Texts with their styles."""


class Detail(Struct, frozen=True, eq=False):
    """A task, and what else its details depend on; each is new, as `tests` changes."""

    task: Task
    notes: NoteContext
    tests: Mapping[str, ProbeResult | None] = {}
    """Those of links, None while one runs."""
    tests_from: str = ""
    """The machine that tests links; empty where none does."""


def detail_lines(detail: Detail, cells: int) -> list[Content]:
    """Return all details as lines of at most `cells` cells (20 at least), wrapped."""
    cells = max(cells, MIN_CELLS)
    parts = (
        _head(detail, cells),
        _link(detail, cells),
        _progress(detail, cells),
        _fields(detail, cells),
        _timeline(detail, cells),
    )
    lines: list[Content] = []
    for part in filter(None, parts):
        lines += [Content(), *part] if lines else part
    return lines


def _head(detail: Detail, cells: int) -> list[Content]:
    """Return the word and what is known: the note or the problem, and a test's result."""
    task, style = detail.task, Row(detail.task, detail.notes).style
    color = f"${STYLE_TOKENS[style]}" if style else ""
    lines = wrapped(signed_word(task, detail.notes), cells, f"bold {color}")
    if shown_state(task) in (Shown.QUEUED, Shown.SENDING, Shown.RUNNING):
        lines += wrapped(note(task, detail.notes), cells)
    paragraphs = (*_problem(detail), *_arrival(detail), *_link_test(detail))
    shown = ((text, style) for text, style in paragraphs if text)
    return lines + [line for text, style in shown for line in wrapped(text, cells, style)]


def _link(detail: Detail, cells: int) -> list[Content]:
    task = detail.task
    name = wrapped(task.name or guess_name(task.url), cells, "bold")
    lines = [*name, *folded(hide_password(task.url), cells, _MUTED)]
    if detail.tests_from and (task.has_failed or task.has_suspect_file):
        warning = _("{tasks.test} tests the link: {host} sees the address of {machine}.")
        host = sanitize(host_of(task.url), 80)
        lines += wrapped(warning.format(host=host, machine=detail.tests_from), cells, _MUTED)
    return lines


def _problem(detail: Detail) -> Paragraphs:
    task, now = detail.task, detail.notes.now
    is_unconfirmed = task.state is TaskState.UNCONFIRMED
    style = f"${STATE_TOKENS[task.state]}"
    if task.fail_reason:
        yield _("123pan says: {reason}").format(reason=failure_reason(task)), style
    if task.problem is not None and not is_refused_alone(task, detail.notes):
        explanation = explain_problem(task.problem, task.state)
        yield explanation.summary, style
        if not is_unconfirmed and not (task.is_unsure and task.arrival):
            yield explanation.hint, ""
    elif task.fail_reason:
        yield _retry_keys(), "bold"
        yield _("This reason came from a callback: see “Callbacks” in the manual."), _MUTED
    elif task.state is TaskState.FAILED and not failure_reason(task):
        yield _("No reason given."), style
        yield _("Only a callback gives the reason: see “Callbacks” in the manual."), ""
        yield _retry_keys(), "bold"
    if task.has_failed and is_private(task.url):
        yield _("The link works on a private network only: 123pan cannot reach it."), style
    if is_unconfirmed:
        risk = _(
            "The request may have reached 123pan; sending it again may download the file twice."
        )
        yield risk, style
    if task.is_unsure:
        yield look_text(task, now=now), "bold"
        yield look_advice(task), "bold"
        yield _("{tasks.retry}: it arrived, or send again; {tasks.remove}: remove."), "bold"
    yield patience_advice(task), ""


def _link_test(detail: Detail) -> Paragraphs:
    tests, url = detail.tests, detail.task.url
    if url in tests and tests[url] is None:
        yield _("Testing the link…"), _STALLED
    if result := tests.get(url):
        text = _("Tested: {verdict}").format(verdict=link_check_text(result))
        is_reachable = result.status is ProbeStatus.REACHABLE
        yield text, "bold $text-success" if is_reachable else f"bold {_STALLED}"


def _arrival(detail: Detail) -> Paragraphs:
    task = detail.task
    if detail.notes.status.looks_for_files and is_check_pending(task, now=detail.notes.now):
        text = _("Looking for the file in its folder; if it does not arrive, this line says so.")
        yield text, _MUTED
    elif task.has_suspect_file:
        what, advice = file_doubt(task)
        yield f"! {what}", f"bold {_STALLED}"
        yield advice, ""
        yield look_advice(task), "bold"
        edit = _("{tasks.edit} edits the link and sends it again.")
        yield _retry_keys() if task.is_retryable else edit, "bold"


def _retry_keys() -> str:
    return _("{tasks.retry} downloads it again, {tasks.edit} edits it first.")


def _progress(detail: Detail, cells: int) -> list[Content]:
    task = detail.task
    if task.sent_at is None or task.state is TaskState.SUCCEEDED:
        return []
    text = formats.percent(task.percent, decimals=1)
    done, rest = bar_parts(task.percent, min(cells - len(text) - 1, _BAR_CELLS))
    style = f"${STYLE_TOKENS[Row(task, detail.notes).style]}"
    bar = Content.assemble((done, style), (rest, _MUTED), (f" {text}", "bold"))
    return [bar]


def _fields(detail: Detail, cells: int) -> list[Content]:
    rows = [(label, value) for label, value in named_facts(detail.task, detail.notes) if value]
    labels = max(width(label) for label, _ in rows) + 2
    lines: list[Content] = []
    for label, value in rows:
        for index, line in enumerate(wrapped(value, cells - labels)):
            lead = "" if index else label
            lines.append(Content.assemble((pad_or_truncate(lead, labels), _MUTED), line))
    return lines


def _timeline(detail: Detail, cells: int) -> list[Content]:
    steps, now = detail.task.timeline, detail.notes.now
    lines = [Content.styled(_("Timeline"), "bold $text-secondary")]
    times = [formats.moment(step.at, now) for step in steps]
    column = max(map(len, times), default=0) + 1
    is_certain = Row(detail.task, detail.notes).style == Shown.DONE
    for step, time, text in zip(steps, times, step_texts(steps), strict=True):
        glyph, style = formats.shown_glyph(SHOWN_AS[step.state]), f"${STATE_TOKENS[step.state]}"
        if step.state is TaskState.SUCCEEDED and not (is_certain and step is steps[-1]):
            glyph, style = formats.LOOKING_GLYPH, ""
        for index, line in enumerate(wrapped(f"{glyph} {text}", cells - column, style)):
            lines.append(Content.assemble((("" if index else time).ljust(column), _MUTED), line))
    return lines if steps else []


class DetailText(Widget):
    """The details in lines as wide as the pane."""

    shown_detail: reactive[Detail | None] = reactive[Detail | None](None, layout=True)

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def _lines(self, cells: int) -> list[Content]:
        if self.shown_detail is None:
            return [Content.styled(no_task_reason(), "$text-muted")]
        return detail_lines(self.shown_detail, cells)


class TaskDetail(VerticalScroll):
    """Shows one task; while it stays the same, so does the scroll position.

    It scrolls at once, so that each key starts where the one before it ended: Textual scrolls after
    the next refresh and in steps.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        move("detail.down", "down,j", "scroll_down", N_("down")),
        move("detail.up", "up,k", "scroll_up", N_("up")),
        move("detail.top", "g,home", "scroll_home", N_("to the top")),
        move("detail.end", "G,end", "scroll_end", N_("to the end")),
    ]

    shown_detail: var[Detail | None] = var[Detail | None](None, init=False)

    def compose(self) -> ComposeResult:
        self.border_title = _("details")
        yield DetailText().data_bind(TaskDetail.shown_detail)

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        super().scroll_to(x, y, **{**options, "animate": False, "immediate": True})

    def scroll_end(self, **options: Any) -> None:
        super().scroll_end(**{**options, "animate": False, "immediate": True})

    def watch_shown_detail(self, before: Detail | None, detail: Detail | None) -> None:
        if detail and (before is None or before.task.id != detail.task.id):
            self.scroll_home()
