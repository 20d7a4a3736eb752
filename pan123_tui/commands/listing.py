"""`list`: what is there, for people, for scripts, for spreadsheets; at any time."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.output import line_of, rfc3339, say, tell, tell_json
from pan123_tui.domain.task import Step, Task, TaskState
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import _
from pan123_tui.wiring import read_store, settle


@click.command(
    "list",
    help=_("Show the tasks, whether a dashboard runs or not."),
    epilog=example("pan123-tui list --state failed", "pan123-tui list --json | jq '.[].url'"),
)
@click.option(
    "--state",
    "states",
    type=click.Choice([str(state) for state in TaskState]),
    multiple=True,
    help=_("Only tasks in this state; may be given several times."),
)
@click.option("--json", "form", flag_value="json", help=_("As a JSON array of objects."))
@click.option("--tsv", "form", flag_value="tsv", help=_("As tab-separated lines."))
@language_option
def list_tasks(states: tuple[str, ...], form: str | None) -> None:
    """Print the tasks, oldest first."""
    known, damaged = read_store(settle())
    tasks = [task for task in known.values() if not states or str(task.state) in states]
    if damaged:
        text = _("Damaged, so the list may be an older one or incomplete: {files}")
        say(text.format(files=visible(", ".join(damaged), 300)))
    _FORMS.get(form or "", _tell_lines)(tasks)


def document(task: Task) -> dict[str, Any]:
    """Give `task` as the JSON of `list --json`; its fields are documented and kept stable."""
    problem = task.problem
    return {
        "id": task.id,
        "url": task.url,
        "name": task.name,
        "state": str(task.state),
        "percent": task.percent,
        "task_id": task.task_id,
        "folder_id": task.folder_id,
        "created_at": rfc3339(task.created_at),
        "sent_at": rfc3339(task.sent_at),
        "finished_at": rfc3339(task.finished_at),
        "checked_at": rfc3339(task.checked_at),
        "problem": str(problem.kind) if problem else None,
        "message": problem.message if problem else "",
        "code": problem.code if problem else None,
        "trace_id": problem.trace_id if problem else "",
        "fail_reason": task.fail_reason,
        "file_id": task.file_id,
        "callback_url": task.callback_url,
        "retries": task.retries,
        "arrival": _arrival(task),
        "history": [_step(step) for step in task.steps],
    }


def _arrival(task: Task) -> dict[str, Any] | None:
    if task.arrival is None:
        return None
    return {
        "verdict": str(task.arrival.verdict),
        "at": rfc3339(task.arrival.at),
        "name": task.arrival.name,
        "size": task.arrival.size,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": rfc3339(step.at),
        "state": str(step.state),
        "task_id": step.task_id,
        "percent": step.percent,
        "message": step.problem.message if step.problem else "",
        "code": step.problem.code if step.problem else None,
        "trace_id": step.problem.trace_id if step.problem else "",
    }


def _tell_lines(tasks: list[Task]) -> None:
    for task in tasks:
        tell(line_of(task))
    if not tasks:
        say(_("No tasks."))


def _tell_json(tasks: list[Task]) -> None:
    tell_json([document(task) for task in tasks])


def _tell_tsv(tasks: list[Task]) -> None:
    fields = [name for name in document(_NOBODY) if name not in ("history", "arrival")]
    tell("\t".join(fields))
    for task in tasks:
        values = document(task)
        tell("\t".join(_cell(values[name]) for name in fields))


def _cell(value: object) -> str:
    return "" if value is None else visible(str(value))


_NOBODY = Task(id=0, url="", created_at=0)
_FORMS: Mapping[str, Callable[[list[Task]], None]] = {"json": _tell_json, "tsv": _tell_tsv}
