"""`TASKS` and `--dir`: the tasks that a command is for, and the folder that it names."""

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.bootstrap import (
    AppContext,
    ExitCode,
    error_message,
    load_context,
    load_store,
    print_message,
)
from pan123_tui.cli.program import command
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.errors import EngineError, Pan123Error, ProblemKind, StoreLocked
from pan123_tui.domain.events import Status
from pan123_tui.domain.filter import FilterSyntaxError, complete, field_of
from pan123_tui.domain.folders import FolderFault, parse_folder
from pan123_tui.domain.sanitize import encodable, sanitize
from pan123_tui.domain.selection import Selection, parse_selection
from pan123_tui.domain.task import ACTIVE_STATES, Task, shown_state
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, join_choices, join_sentences, language
from pan123_tui.system.folder_lock import is_listening
from pan123_tui.wording.formats import count_tasks, shown_label
from pan123_tui.wording.notes import NoteContext, next_to_send, searched_note

if TYPE_CHECKING:
    from pan123_tui.client.protocol import Hello

_MAX_NEIGHBOURS = 20
Target = int | tuple[str, ...] | None
"""A folder's id or path; empty: the service's own folder; None: none is named."""


def tasks_command(
    name: str, text: str, *examples: str, required: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator of a command with the argument `TASKS`, passed as `selection`.

    `required`: the command changes tasks, so `all` must be named to choose all of them or all but
    some: `remove -all` and `remove -12` are slips.
    """

    def parse(
        context: click.Context, _argument: click.Parameter, words: tuple[str, ...]
    ) -> Selection:
        example = f"{context.command_path} host:example.com batch:last"
        try:
            selection = parse_selection(words)
        except FilterSyntaxError as error:
            from pan123_tui.wording.inputs import selection_error_text

            raise click.UsageError(selection_error_text(error, example)) from None
        if required and not selection.is_choice:
            text = _("Which tasks? For example: {example}")
            raise click.UsageError(text.format(example=example))
        return selection

    metavar = "TASKS..." if required else "[TASKS]..."
    argument = click.argument(
        "selection", nargs=-1, metavar=metavar, callback=parse, shell_complete=_complete
    )
    make = command(name, text, *examples)
    return lambda function: make(argument(function))


def _complete(_context: click.Context, _argument: click.Parameter, typed: str) -> list[str]:
    field, colon, _name = typed.partition(":")
    words = [] if colon else list(complete(typed, language())[1])
    with suppress(Pan123Error):  # the command says so
        tasks = load_store(load_context())[0]
        newest = sorted(tasks.values(), key=attrgetter("created_at"), reverse=True)
        if typed.isdecimal():
            words = [str(task.id) for task in newest]
        elif field_of(field) == "batch":
            names = map(batch_name, newest)  # a shell would break up those with blanks
            words += [f"{field}:{it}" for it in ("last", *names) if re.fullmatch(r"[\w.:-]+", it)]
    return [word for word in dict.fromkeys(words) if word.startswith(typed)]


class Known(Struct, frozen=True):
    """The tasks as the engine reports them, or as they are on disk."""

    tasks: TaskCollection
    status: Status
    notes: NoteContext
    hello: "Hello | None" = None
    """Which engine reported them; None: they are from disk."""
    error: Pan123Error | None = None
    """Why the engine has not reported them although it is running."""
    damaged_files: tuple[str, ...] = ()


def load_known(context: AppContext) -> Known:
    """Return the tasks of the engine, or those on disk; raises as `load_store` does."""
    error: Pan123Error | None = None
    if is_listening(context.paths.data_dir):
        from pan123_tui.cli.remote import RemoteEngine

        try:
            with RemoteEngine(context, may_start=False, wants_updates=True) as engine:
                model = engine.load()
            notes = note_context(context, model.tasks, model.status)
            return Known(model.tasks, model.status, notes, engine.hello)
        except (EngineError, StoreLocked) as reason:
            error = reason
    tasks, damaged, is_paused = load_store(context)
    status = Status(is_paused=is_paused, looks_for_files=context.settings.arrival.check)
    notes = replace(note_context(context, tasks, status), has_engine=error is not None)
    return Known(tasks, status, notes, None, error, damaged)


def load_shown(context: AppContext) -> Known:
    """Return the same, and print why it may be incomplete or out of date."""
    known = load_known(context)
    if known.error is not None:
        saved = _("This is what was saved last.")
        print_message(join_sentences(error_message(known.error), saved))
    if known.damaged_files:
        text = _("Files are damaged, so the list may be out of date or incomplete: {files}")
        print_message(text.format(files=sanitize(", ".join(known.damaged_files), 300)))
    return known


def note_context(context: AppContext, tasks: TaskCollection, status: Status) -> NoteContext:
    unfinished, now = tasks.unfinished.values(), time.time()
    waits = any(it.problem and it.problem.kind is ProblemKind.FOLDER_MISSING for it in unfinished)
    return NoteContext(
        now=now,
        status=status,
        folder_names=_folder_names(context) if waits or status.missing_folders else {},
        running=sum(task.state in ACTIVE_STATES for task in unfinished),
        next_id=next_to_send(tasks),
    )


def _folder_names(context: AppContext) -> Mapping[int, str]:
    from pan123_tui.engine.folders import load_folders

    return load_folders(context.paths.folder_cache).names


class Chosen:
    """The tasks that a command is for; what it cannot find or act on is reported and counted."""

    def __init__(self, selection: Selection, *, needs_tasks: bool = True) -> None:
        """Exits where none is chosen, if it `needs_tasks`."""
        self.context = load_context()
        self.known = load_shown(self.context)
        tasks, fields = self.known.tasks, {term.field for term in selection.filter.terms}
        names = {} if fields.isdisjoint(("", "folder")) else _folder_names(self.context)
        notes = partial(searched_note, context=self.known.notes)
        self.tasks = selection.select(tasks, now=time.time(), folder_names=names, note=notes)
        if any(term.guesses for term in selection.filter.terms):
            from pan123_tui.wording.inputs import guesses_text

            print_message(guesses_text(selection.filter.terms))
        missing = selection.missing(tasks)
        for number in missing:
            print_message(_("There is no task {number}.").format(number=number))
        self.named = frozenset(selection.ids)
        self.failures = len(missing)
        if selection.words and not self.tasks:
            if not missing:
                text = _(
                    "“{words}” matches nothing in a list of {tasks}; “pan123-tui list” shows all."
                )
                words = sanitize(" ".join(selection.words), 100)
                text = text.format(words=words, tasks=count_tasks(len(tasks)))
                if re.fullmatch("[0-9]+([,，、;][0-9]+)+", words):
                    text = join_sentences(text, _("Separate numbers by blanks, as in “21 22”."))
                print_message(text if tasks else _("No tasks."))
            self.failures += 1
        if needs_tasks and not self.tasks:
            raise click.exceptions.Exit(ExitCode.SOME_FAILED)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(task.id for task in self.tasks)

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.SOME_FAILED if self.failures else ExitCode.DONE

    def keep(self, fits: Callable[[Task], bool], refusal: str, none: str) -> None:
        """Keep the tasks that fit; print `refusal` for others named by id, or `none`, and exit."""
        for task in self.tasks:
            if not fits(task) and task.id in self.named:
                state = shown_label(shown_state(task))
                name = _("Task {number} ({state})").format(number=task.id, state=state)
                print_message(refusal.format(task=name, number=task.id))
                self.failures += 1
        self.tasks = [task for task in self.tasks if fits(task)]
        if not self.tasks:
            if not self.failures:
                print_message(none)
            raise click.exceptions.Exit(ExitCode.SOME_FAILED)


def dir_option(text: str) -> Callable[[Any], Any]:
    """Return the option `--dir`, passed as `folder`: a `Target`; `text` is its help."""

    def parse(_context: click.Context, _option: click.Parameter, value: str | None) -> Target:
        target = None if value is None else parse_folder(encodable(value))
        if isinstance(target, FolderFault):
            from pan123_tui.wording.inputs import fault_text

            raise click.BadParameter(fault_text(target))
        return () if target is None and value is not None else target

    return click.option("--dir", "folder", callback=parse, metavar="ID|PATH", help=text)


def find_target(
    context: AppContext, target: Target, *, parents: bool | None, is_dry_run: bool = False
) -> int | None:
    """Return the id of the folder that an option names; exits if it is missing.

    `parents`: it is made then; None: the command has no such option.
    """
    if not isinstance(target, tuple):
        return target
    if not target:
        return None
    from pan123_tui.cli.remote import reach_engine
    from pan123_tui.domain.commands import FindFolder
    from pan123_tui.wording.inputs import not_found_text, path_text

    with reach_engine(context) as engine:
        makes_missing = bool(parents) and not is_dry_run
        search = engine.call(FindFolder(target, makes_missing))
    if search.folder is not None:
        return search.folder.id
    if parents and is_dry_run:
        print_message(_("The folder “{path}” would be made.").format(path=path_text(target)))
        return None
    print_message(not_found_text(search, _("--parents makes it.") if parents is False else ""))
    if names := [sanitize(name, 60) for name in search.neighbours]:
        more = ["…"] if len(names) > _MAX_NEIGHBOURS else []
        text = _("Existing folders: {names}")
        print_message(text.format(names=join_choices(names[:_MAX_NEIGHBOURS] + more)))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED)
