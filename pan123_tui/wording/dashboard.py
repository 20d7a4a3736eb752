"""What the dashboard says around its list, ever shorter, and of a task in its details."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pan123_tui.domain.batches import batch_term
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Query
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import SHOWN_AS, Source, Task, TaskState, TimelineEntry
from pan123_tui.i18n import (
    N_,
    _,
    join_list,
    join_sentences,
    key_of,
    language,
    ngettext,
    with_parenthetical,
)
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext
from pan123_tui.wording.problems import code_text, explain_problem, short_reason

_MAX_REASON_WIDTH = 44
_KNOWN_STATUSES = (None, 0, 1, 2, 3)


def hold_texts(hold: Problem, until: float | None, now: float) -> tuple[str, ...]:
    """Return why the queue is held, and until when (Unix seconds; None: until a download ends)."""
    explanation = explain_problem(hold, TaskState.QUEUED)
    what, short = explanation.summary, short_reason(hold, TaskState.QUEUED)
    reason = sanitize(short, _MAX_REASON_WIDTH)
    shorter: tuple[str, ...]
    if until is None or hold.kind is ProblemKind.ACCOUNT_MISSING:
        full = _("Waiting: {what} {advice}").format(what=what, advice=explanation.hint)
        is_limit = hold.kind is ProblemKind.RUNNING_LIMIT
        short = _("limit reached") if is_limit else _("waiting for you")
        shorter = _("Waiting: {what}").format(what=what), reason, short
    elif until <= now:
        full = _("Trying again now: {what}").format(what=what)
        shorter = reason, _("trying again now")
    else:
        time = formats.duration(until - now)
        full = _("Waiting: {what} Next try in {time}.").format(what=what, time=time)
        next_try = _("Next try in {time}: {short}").format(time=time, short=short)
        shorter = next_try, reason, _("waiting, next try in {time}").format(time=time)
    return join_sentences(full, explanation.details), full, *shorter


def error_texts(problem: Problem, when: str) -> tuple[str, ...]:
    explanation, code = explain_problem(problem), code_text(problem)
    what = explanation.summary
    full = with_parenthetical(join_sentences(what, explanation.details), when)
    return full, with_parenthetical(what, code), code, ""


def not_saved_texts(problem: Problem) -> tuple[str, ...]:
    explanation = explain_problem(problem)
    what = _("! Not saved: {what}").format(what=explanation.summary)
    return join_sentences(what, explanation.hint), what, _("! not saved")


def search_text(
    search: str, *, hits: int, total: int, is_cleared_next: bool, is_typing: bool
) -> str:
    """Return what a search finds of `total` tasks and, if a key clears it at once, which."""
    found, total_text = formats.number(hits), formats.number(total)
    parts = [_("{hits} of {total}").format(hits=found, total=total_text)]
    if not is_typing:
        parts += [_("{view.back} clears it")] if is_cleared_next else []
        parts.append(f"/ {_as_said(search)}")
    return "  ·  ".join(parts)


def _as_said(search: str) -> str:
    """Return a search line with the time that names a batch as it is said."""
    name = search.partition('="')[2].rstrip('"')
    try:
        then = datetime.fromisoformat(name)
    except ValueError:
        return search
    if search != batch_term(name, language()):
        return search
    month = str(then.month) if language().startswith("zh") else f"{then:%b}"
    text = _("batch of {day} {month} {time}")
    return text.format(day=then.day, month=month, time=f"{then:%H:%M}")


def empty_texts(
    total: int,
    status: Status,
    *,
    query: Query,
    in_view: int,
    matches: int = 0,
    is_typing: bool = False,
) -> tuple[str, str]:
    """Return that the list is empty, why, and what to do; other tabs have `matches`."""
    if not total:
        text = _("Press {links.add}, or simply paste links here.")
        kept = _("Links that you add before you log in are kept, and sent afterwards.")
        is_without_account = status.connection is Connection.NO_ACCOUNT
        return _("No downloads yet"), f"{text}\n\n{kept}" if is_without_account else text
    if matches:
        text = ngettext(
            "{count} task in another tab matches: {key} shows it.",
            "{count} tasks in other tabs match: {key} shows them.",
            matches,
        )
        key = key_of("view.show_all")
        text = text.format(key=_("enter, then {key}").format(key=key) if is_typing else key)
    elif host_of(query.search):
        text = _("To add this link, press {view.back}, then paste it again.")
    elif query.search:
        from pan123_tui.domain.filter import other_syntax  # noqa: PLC0415 - not for the start

        text = ngettext(
            "The search hides {count} task: {view.back} clears it.",
            "The search hides {count} tasks: {view.back} clears it.",
            in_view or total,
        )
        if word := other_syntax(query.search):
            advice = _(
                "“{word}” is searched for as text. All words must match; state:failed,unsure finds "
                "either state, and -word leaves out."
            )
            text = join_sentences(advice.format(word=sanitize(word, 20)), text)
    else:
        text = ngettext(
            "{count} task is in another tab: {view.show_all} shows all.",
            "{count} tasks are in other tabs: {view.show_all} shows all.",
            total - in_view,
        )
    return _("No tasks in this view"), text


def named_facts(task: Task, notes: NoteContext) -> Iterator[tuple[str, str]]:
    """Yield names and values; an empty value is not known. Untrusted text."""
    now, state = notes.now, _label(task.state)
    if task.status not in _KNOWN_STATUSES:
        known = _("123pan's status {status}").format(status=task.status)
        state = with_parenthetical(state, known)
    yield _("Status"), state
    yield _("Name"), task.name or _("chosen by 123pan")
    yield _("Folder"), _folder(task, notes)
    yield _("Batch"), task.batch
    yield "taskID", _number(task.task_id)
    if task.arrival is not None and task.arrival.name:
        yield _("Saved as"), task.arrival.name
        yield _("Size"), formats.size(task.arrival.size)
    yield _("File ID"), _number(task.file_id)
    if task.problem is not None:
        message = with_parenthetical(task.problem.message.strip(), code_text(task.problem))
        yield _("Message"), message
        yield _("Trace ID"), task.problem.trace_id
    times = ngettext("{count} time", "{count} times", task.retries)
    yield _("Retried by 123pan"), times if task.retries else ""
    yield _("Added"), _moment(task.created_at, now)
    yield _("Sent"), _moment(task.sent_at, now)
    yield _("Finished"), _moment(None if task.is_unsure else task.finished_at, now)
    if task.checked_at is not None and task.is_active:
        yield _("Checked"), formats.ago(now - task.checked_at)
    yield _("Callback"), task.callback_url
    yield _("ID"), _number(task.id)


def _label(state: TaskState) -> str:
    return _("retrying") if state is TaskState.RETRYING else formats.shown_label(SHOWN_AS[state])


def _folder(task: Task, notes: NoteContext) -> str:
    default = _("Default (来自:离线下载)") if task.has_link else ""
    path = notes.folder_text(task) or default
    is_known = task.folder_id in notes.folder_names and not task.subfolder
    return with_parenthetical(path, f"ID {task.folder_id}") if is_known else path


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _moment(at: float | None, now: float) -> str:
    return "" if at is None else formats.moment(at, now)


_SOURCES = {
    Source.ARIA2: N_("link added from the browser"),
    Source.FOLDER: N_("it goes to the default folder: the path that came with it is not used"),
    Source.HEADERS: N_("123pan fetches it without the headers and cookies that came with it"),
    Source.MIRRORS: N_("its other addresses are not used"),
}


def step_texts(steps: Sequence[TimelineEntry]) -> Iterator[str]:
    """Yield what each of a task's steps was, and why where that is new."""
    former_id: int | None = None
    before: TimelineEntry | None = None
    for step in steps:
        text = _step_text(step, before, former_id)
        if step.problem is not None and step.problem != (before and before.problem):
            why = explain_problem(step.problem, step.state).summary
            text = _("{what}: {why}").format(what=text, why=why)
        yield text
        former_id = former_id if step.task_id is None else step.task_id
        before = step


def _step_text(step: TimelineEntry, before: TimelineEntry | None, former_id: int | None) -> str:
    state = step.state
    if before is None:
        adopted = _("added by taskID, {task_id}").format(task_id=step.task_id)
        added = _("link added")
        if step.source:
            added = join_list(_(_SOURCES[it]) for it in step.source)
        return adopted if state is TaskState.RUNNING else added
    if state is TaskState.QUEUED:
        if before.state is TaskState.SUBMITTING:
            return _("not sent, queued again")
        text = _("queued again, formerly taskID {task_id}")
        if step.is_automatic:
            text = _("retried automatically, formerly taskID {task_id}")
        return _("queued again") if former_id is None else text.format(task_id=former_id)
    if before.state is TaskState.SUBMITTING and state is TaskState.RUNNING:
        return _("sent, taskID {task_id}").format(task_id=step.task_id)
    is_confirmed = state is TaskState.SUCCEEDED and step.task_id is None
    label = _("you said that it arrived") if is_confirmed else _label(state)
    if state in (TaskState.FAILED, TaskState.RETRYING, TaskState.MISSING) and step.percent > 0:
        return _("{state} at {percent}").format(state=label, percent=formats.percent(step.percent))
    return label
