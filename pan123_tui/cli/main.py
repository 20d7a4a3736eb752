"""Entry point: open the dashboard directly, or run a command through click."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pan123_tui import i18n
from pan123_tui.cli import COMPLETE_VARIABLE
from pan123_tui.config.paths import DEFAULT_PROFILE, PROFILE_VARIABLE, locate, profile_name_error
from pan123_tui.programs.errors import ExitCode, error_message, exit_code, print_plain
from pan123_tui.system.process import pause_collection

FLAGS = {"--demo", "--ascii"}
"""Options of the dashboard; anything else is parsed by click, which takes 20 ms to import."""
VARIABLES_OF_OPTIONS = {"--lang": "PAN123_LANG", "--profile": PROFILE_VARIABLE}
"""Options of every command, before it and after it."""


def main() -> None:
    """Run the program and exit with its exit code."""
    pause_collection()  # most commands end before there is garbage; the others resume collection
    arguments = sys.argv[1:]
    for option, variable in VARIABLES_OF_OPTIONS.items():
        value = option_value(arguments, option)
        if value and (option != "--lang" or value in i18n.LANGUAGES):  # else it is reported later
            os.environ[variable] = value  # for the settings and for child processes
    i18n.set_language(initial_language(os.environ))
    code: int = ExitCode.DONE
    try:
        code = _run(arguments)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except Exception as error:
        if (message := error_message(error)) is None:
            raise
        print_plain(f"pan123-tui: {message}")
        code = exit_code(error)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if set(arguments) <= FLAGS and not os.environ.get(COMPLETE_VARIABLE):
        from pan123_tui.programs.dashboard import open_dashboard

        return open_dashboard(demo="--demo" in arguments, is_ascii="--ascii" in arguments)
    if arguments[:1] == ["engine"] and set(arguments[1:]) <= {"--demo"}:
        from pan123_tui.programs.engine import run_background_engine

        return run_background_engine(is_demo="--demo" in arguments)
    return _run_command(arguments)


def _run_command(arguments: list[str]) -> int:
    import click

    from pan123_tui.cli.commands import program

    options = {"prog_name": "pan123-tui", "complete_var": COMPLETE_VARIABLE}
    try:
        code: int | None = program.main(arguments, **options, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:  # ctrl+c or the end of the input at a prompt
        return ExitCode.INTERRUPTED
    return code or ExitCode.DONE


def option_value(arguments: Sequence[str], wanted: str) -> str:
    """Return the last value of the option `wanted` before any `--`, "" if there is none."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    found = ""
    for option, following in zip(options, (*options[1:], ""), strict=False):
        name, has_value, value = option.partition("=")
        if name == wanted:
            found = value if has_value else following
    return found


def initial_language(environ: Mapping[str, str]) -> str:
    """Return the language of `PAN123_LANG`, else of `config.toml`, else of the locale.

    An invalid file or profile is ignored here: loading the settings reports it.
    """
    language = i18n.from_environment(environ)
    is_wrong = profile_name_error(environ.get(PROFILE_VARIABLE) or DEFAULT_PROFILE)
    if is_wrong or environ.get("PAN123_LANG"):
        return language
    return _configured_language(locate(environ).config_file) or language


def _configured_language(file: Path) -> str:
    """Return `ui.language` of `file`, "" if it is missing or "auto"."""
    try:
        content = file.read_bytes()
    except OSError:
        return ""
    if b"language" not in content:
        return ""
    import tomllib

    try:
        language = tomllib.loads(content.decode())["ui"]["language"]
    except (ValueError, LookupError, TypeError):
        return ""
    return language if isinstance(language, str) and language != "auto" else ""
