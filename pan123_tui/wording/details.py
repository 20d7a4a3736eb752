"""What the details say of a task: its facts by name, and its steps."""

from collections.abc import Iterator, Sequence

from pan123_tui.domain.task import Task, TaskState, TimelineEntry
from pan123_tui.i18n import _, ngettext, with_parenthetical
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext
from pan123_tui.wording.problems import code_text, explain_problem

_KNOWN_STATUSES = (None, 0, 1, 2, 3)


def named_facts(task: Task, notes: NoteContext) -> Iterator[tuple[str, str]]:
    """Yield names and values; an empty value is not known. Untrusted text."""
    now, state = notes.now, formats.state_label(task.state)
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


def _folder(task: Task, notes: NoteContext) -> str:
    default = _("Default (来自:离线下载)") if task.has_link else ""
    path = notes.folder_text(task) or default
    is_known = task.folder_id in notes.folder_names and not task.subfolder
    return with_parenthetical(path, f"ID {task.folder_id}") if is_known else path


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _moment(at: float | None, now: float) -> str:
    return "" if at is None else formats.moment(at, now)


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
        return adopted if state is TaskState.RUNNING else _("link added")
    if state is TaskState.QUEUED:
        if before.state is TaskState.SUBMITTING:
            return _("not sent, queued again")
        text = _("queued again, formerly taskID {task_id}")
        if step.is_automatic:
            text = _("retried automatically, formerly taskID {task_id}")
        return _("queued again") if former_id is None else text.format(task_id=former_id)
    if before.state is TaskState.SUBMITTING and state is TaskState.RUNNING:
        return _("sent, taskID {task_id}").format(task_id=step.task_id)
    label = formats.state_label(state)
    if state in (TaskState.FAILED, TaskState.RETRYING, TaskState.MISSING) and step.percent > 0:
        return _("{state} at {percent}").format(state=label, percent=formats.percent(step.percent))
    return label
