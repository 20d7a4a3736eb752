"""Entry point: open the dashboard directly, or run a command through click."""

import gc
import gettext
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pan123_tui import i18n
from pan123_tui.bootstrap import ExitCode, error_message, exit_code, print_message
from pan123_tui.cli import COMPLETE_VARIABLE
from pan123_tui.config import settings
from pan123_tui.config.paths import PROFILE_VARIABLE, locate
from pan123_tui.domain.errors import SettingsInvalid

FLAGS = {"--demo", "--ascii"}
"""Options of the dashboard; click, which takes 20 ms to import, parses all others."""
VARIABLES_OF_OPTIONS = {"--lang": "PAN123_LANG", "--profile": PROFILE_VARIABLE}
"""Options of every command, which may stand before or after it."""
_STREAMS = (
    ("stdin", "r", os.O_RDONLY),
    ("stdout", "w", os.O_RDONLY),
    ("stderr", "w", os.O_WRONLY),
)


def main() -> None:
    _open_missing_streams()
    os.umask(os.umask(0o077) & 0o077)  # 0777 would take our own files from us
    gc.disable()  # most commands end before there is garbage; others `resume_collection`
    code: int = ExitCode.DONE
    try:
        values, arguments = common_options(sys.argv[1:])
        for option, value in values.items():
            if option != "--lang" or value in i18n.LANGUAGES:  # else it is reported later
                os.environ[VARIABLES_OF_OPTIONS[option]] = value  # for settings and children
        i18n.set_language(initial_language(os.environ))
        code = _run(arguments, words=arguments[len(values) :])
        sys.stdout.flush()
    except Exception as error:
        if not (message := error_message(error)):
            raise
        if reason := _output_error():
            message = i18n._("Cannot write to standard output: {reason}.").format(reason=reason)
        print_message(f"pan123-tui: {message}")
        code = exit_code(error)
    gc.freeze()  # else Python looks through all objects once more as it ends
    sys.exit(code)


def _open_missing_streams() -> None:
    """Replace closed standard streams, whose numbers files would get; output then says so."""
    for name, mode, flags in _STREAMS:
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flags)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _output_error() -> str:
    """Return why standard output takes no more, "" if it does; what it has not taken is dropped."""
    try:
        sys.stdout.flush()
    except OSError as error:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as Python ends
        return error.strerror or str(error)
    return ""


def _run(arguments: list[str], *, words: list[str]) -> int:
    """Run what `arguments` say; `words` are those without the common options."""
    if set(arguments) <= FLAGS and not os.environ.get(COMPLETE_VARIABLE):
        from pan123_tui.programs.dashboard import open_dashboard

        return open_dashboard(demo="--demo" in arguments, is_ascii="--ascii" in arguments)
    if words[:1] == ["engine"] and set(words[1:]) <= {"--demo", "--stdio"}:
        from pan123_tui.programs.engine_process import relay_stdio, run_background_engine

        is_demo = "--demo" in words
        return relay_stdio() if "--stdio" in words else run_background_engine(is_demo=is_demo)
    gettext.gettext, gettext.ngettext = i18n._, i18n.ngettext  # which click imports
    import click

    from pan123_tui.cli.program import program

    options = {"prog_name": "pan123-tui", "complete_var": COMPLETE_VARIABLE}
    try:
        code: int | None = program.main(arguments, **options, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:  # ctrl+c or the end of the input at a prompt
        return ExitCode.INTERRUPTED
    return code or ExitCode.DONE


def common_options(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options that may stand anywhere before a `--`, and `arguments` with them first."""
    values: dict[str, str] = {}
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, has_value, value = argument.partition("=")
        if name in VARIABLES_OF_OPTIONS:
            values[name] = value if has_value else next(rest, "")
        else:
            others.append(argument)
        if argument == "--":
            break
    return values, [*(f"{name}={value}" for name, value in values.items()), *others, *rest]


def initial_language(environ: Mapping[str, str]) -> str:
    """Return the language of the settings, whose errors are reported later, else "auto"."""
    with suppress(SettingsInvalid):
        return settings.load(environ, locate(environ).config_dir).ui.language
    return "auto"
