"""`TASKS`: the ids and the words of the search line that choose the tasks of a command."""

import os
import re
from collections.abc import Callable, Collection, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from pan123_tui.bootstrap import load_context, load_store
from pan123_tui.cli import COMPLETE_VARIABLE
from pan123_tui.cli.commands import command, fitting_words
from pan123_tui.cli.known import WORDS
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import _, language

if TYPE_CHECKING:
    from pan123_tui.domain.selection import Selection

_NEGATED = re.compile(r"-(?:[^-].|[^\x00-\x7f])")


class TasksCommand(click.Command):
    """A command with `TASKS`, which `-name~sample` is for: it is no cluster of options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write the minus of negated words as the one that click takes for no option's."""
        end = args.index("--") if "--" in args else len(args)
        options = {name for param in self.get_params(ctx) for name in param.opts}
        return super().parse_args(ctx, [_as_word(it, options) for it in args[:end]] + args[end:])


def _as_word(arg: str, options: Collection[str]) -> str:
    """Leave a single letter such as -h to click, which refuses unknown ones."""
    is_negated = _NEGATED.match(arg) and arg not in options
    return f"－{arg[1:]}" if is_negated else arg


def tasks_command(
    name: str, text: str, *examples: str, required: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator of a command with the argument `TASKS`, passed as `selection`.

    `required`: the command changes tasks, so that for all of them, or for all but some, `all` must
    be said: `remove -all` and `remove -12` are slips. Otherwise no words are passed as None.
    """

    def parse(
        context: click.Context, _argument: click.Parameter, words: tuple[str, ...]
    ) -> "Selection | None":
        if context.resilient_parsing:  # a completion
            return None
        context.meta[WORDS] = " ".join(words)
        selection = _parse(context, words) if words else None
        if required and (selection is None or selection.only_leaves_out):
            text = _("Which tasks? For example: {example}")
            raise click.UsageError(text.format(example=_example(context)))
        return selection

    metavar = "TASKS..." if required else "[TASKS]..."
    argument = click.argument(
        "selection", nargs=-1, metavar=metavar, callback=parse, shell_complete=_complete
    )
    make = command(name, text, *examples, cls=TasksCommand)
    return lambda function: make(argument(function))


def _parse(context: click.Context, words: tuple[str, ...]) -> "Selection":
    from pan123_tui.domain.selection import SelectionError, parse_selection

    try:
        return parse_selection(words)
    except SelectionError as error:
        from pan123_tui.wording.filter import selection_error_text

        raise click.UsageError(selection_error_text(error, _example(context))) from None


def _example(context: click.Context) -> str:
    return f"{context.command_path} state:failed batch:last"


def _complete(_context: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    """Return the fields that begin so, or the states or batches after a colon."""
    from pan123_tui.domain.filter_words import FIELD_WORDS, STATE_WORDS, to_english, words_in

    before, field, typed = _split_at_colon(incomplete)
    if not field:
        words = (
            (*FIELD_WORDS, *FIELD_WORDS.values()) if typed else words_in(FIELD_WORDS, language())
        )
        return [f"{word}:" for word in words if word.startswith(typed)]
    offered: Iterable[str] = ()
    if to_english(field) == "state":
        offered = words_in(STATE_WORDS, "en" if field.isascii() else "zh")
    elif to_english(field) == "batch":
        offered = ("last", *_stored_batches())
    return [f"{before}{word}" for word in fitting_words(offered, typed)]


def _split_at_colon(incomplete: str) -> tuple[str, str, str]:
    """Return what to repeat before a value, its field, and what is typed of the value.

    Without a colon, what is typed is a field. To bash a colon is a word, which stays as it is.
    """
    if os.environ.get(COMPLETE_VARIABLE, "").startswith("bash"):
        from click.shell_completion import split_arg_string

        words = split_arg_string(os.environ["COMP_WORDS"])[: int(os.environ["COMP_CWORD"]) + 1]
        if words[-1:] == [":"]:
            return "", words[-2], ""
        if words[-2:-1] == [":"]:
            return "", words[-3], incomplete
    field, colon, value = incomplete.replace("：", ":").partition(":")
    before = incomplete[: len(field) + 1]
    return (before, field, value) if colon else ("", "", incomplete)


def _stored_batches() -> Iterable[str]:
    """Return the names of the stored batches, the newest first."""
    try:
        tasks = load_store(load_context())[0]
    except Pan123Error:  # the command says so
        return ()
    newest = sorted(tasks.headers(), key=attrgetter("created_at"), reverse=True)
    return dict.fromkeys(map(batch_name, newest))
