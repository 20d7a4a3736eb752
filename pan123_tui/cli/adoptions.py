"""`add --task-id`: watches tasks that 123pan has already, by their taskIDs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from pan123_tui.bootstrap import AppContext
from pan123_tui.cli.listing import load_shown
from pan123_tui.cli.output import print_data, print_json, print_message
from pan123_tui.cli.remote import carry_out
from pan123_tui.cli.wait import wait_for_tasks
from pan123_tui.domain.commands import AdoptTasks
from pan123_tui.domain.links.url import decode_text
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import Adoption
from pan123_tui.i18n import _
from pan123_tui.programs.errors import ExitCode

MAX_TASK_ID = 2**63 - 1


class TaskIds(click.ParamType[list[Adoption]]):
    """A taskID, or a file with one on each line, which its name may follow; "-": a pipe."""

    name = "task_ids"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[Adoption]:
        """Return what `value` names; the error of a wrong line has its number."""
        if _is_task_id(value):
            return [Adoption(int(value))]
        if value.isdecimal():
            self.fail(_("“{text}” is not a taskID.").format(text=sanitize(value, 40)), param, ctx)
        with click.File("rb").convert(value, param, ctx) as file:
            return list(self._adoptions(decode_text(file.read()), value, param))

    def _adoptions(self, text: str, name: str, param: click.Parameter | None) -> Iterator[Adoption]:
        for number, line in enumerate(text.splitlines(), start=1):
            task_id, called = (*line.strip().split(maxsplit=1), "", "")[:2]
            if _is_task_id(task_id):
                yield Adoption(int(task_id), called)
            elif task_id and not task_id.startswith("#"):
                told = _("{file}, line {number}: “{text}” does not begin with a taskID.")
                shown = sanitize(line.strip(), 40)
                self.fail(told.format(file=sanitize(name, 100), number=number, text=shown), param)


def _is_task_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:20]) <= MAX_TASK_ID


def adopt(
    context: AppContext,
    wanted: Sequence[Adoption],
    batch: str,
    *,
    is_dry_run: bool,
    as_json: bool,
    waits: bool,
) -> ExitCode:
    """Watch the `wanted` tasks that are not known yet, and print what becomes of each."""
    tasks = load_shown(context).tasks
    ids = {it.task_id: task.id for it in wanted for task in tasks.find_task_id(it.task_id)}
    text = _("skipped: taskID {task_id} (the same as task {number})")
    for task_id, number in ids.items():
        print_message(text.format(task_id=task_id, number=number))
    known = dict(ids)
    new: dict[int, Adoption] = {}
    for it in wanted:
        if it.task_id not in known:
            new.setdefault(it.task_id, it)
    is_saved = True
    if new and not is_dry_run:
        result = carry_out(context, AdoptTasks(tuple(new.values()), batch))
        ids |= {task.task_id or 0: task.id for task in result.tasks}
        is_saved = result.is_saved
    if as_json:
        print_json({"tasks": [_document(it, known, ids) for it in wanted]})
    elif is_dry_run:
        for it in new.values():
            print_data(f"{it.task_id} {sanitize(it.name)}".rstrip())
    else:
        for task_id in filter(ids.get, new):  # another command may have been quicker
            print_data(str(ids[task_id]))
    code = ExitCode.DONE if is_saved else ExitCode.SOME_FAILED
    return max(code, wait_for_tasks(context, list(ids.values()))) if waits and ids else code


def _document(it: Adoption, known: Mapping[int, int], ids: Mapping[int, int]) -> dict[str, Any]:
    """Return the JSON of `it`; `known`: taskID → number of the task before, `ids`: afterwards."""
    new = None if it.task_id in known else ids.get(it.task_id)
    original = known.get(it.task_id)
    return {"task_id": it.task_id, "name": it.name, "duplicate_of": original, "id": new}
