"""`doctor`: print what a bug report needs, without anything private."""

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from pan123_tui import __version__, i18n
from pan123_tui.bootstrap import AppContext, fetch_account, load_context, load_store
from pan123_tui.cli.commands import example
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.status import count_stalled
from pan123_tui.config.credentials import account_source, load_credentials
from pan123_tui.config.paths import (
    CONFIG_VARIABLE,
    DATA_VARIABLE,
    DEFAULT_PROFILE,
    PROFILE_VARIABLE,
    PROFILES_FOLDER,
)
from pan123_tui.config.schema import DEFAULT_BASE_URL
from pan123_tui.config.settings import VARIABLES
from pan123_tui.domain.errors import Pan123Error, SettingsInvalid
from pan123_tui.domain.query import count_by_view
from pan123_tui.domain.sanitize import redact, sanitize
from pan123_tui.domain.task_collection import count_by_state
from pan123_tui.i18n import _
from pan123_tui.programs.errors import ExitCode
from pan123_tui.system.private_files import insecure_mode
from pan123_tui.wording.formats import ACCOUNT_LABELS

PACKAGES = ("textual", "httpx", "tinydb", "pyperclip", "click", "msgspec", "filelock", "starlette")
TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "LANG", "LC_ALL")
MASKED = ("TMUX", "STY", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "WSL_INTEROP")
"""Variables of which only the presence is printed, since their values name machines."""
VARIABLE_NAMES = (*VARIABLES.values(), CONFIG_VARIABLE, DATA_VARIABLE, PROFILE_VARIABLE)
"""Our own, of which only the presence is printed too, since their values name the account."""

_PROFILE = re.compile(rf"{PROFILES_FOLDER}/[\w-]+")
Fact = tuple[str, str]


@click.command(
    "doctor",
    help=_("Print versions, paths, terminal features and problems; safe to paste in public."),
    epilog=example("pan123-tui doctor > report.txt"),
)
@click.option("--push", is_flag=True, help=_("Send a message to notify.push, and nothing else."))
def doctor(*, push: bool) -> None:
    """Print the facts."""
    if push:
        raise click.exceptions.Exit(_push(load_context()))
    for name, value in (*_program_facts(), *_terminal_facts()):
        _print(name, value)
    try:
        context = load_context()
    except SettingsInvalid as error:
        _print("settings", _without_home(str(error)))
        raise click.exceptions.Exit(ExitCode.USAGE) from None
    for name, value in (*_path_facts(context), *_data_facts(context)):
        _print(name, value)
    is_usable, account = _check_account(context)
    _print("account", account)
    print_message(_("Nothing above names your account, your links or your home folder."))
    raise click.exceptions.Exit(ExitCode.DONE if is_usable else ExitCode.ACCOUNT)


def _push(context: AppContext) -> ExitCode:
    """Send a test message, and print whom it did not reach and why."""
    from pan123_tui.api.push import send_test_message
    from pan123_tui.wording.push import failure_text

    addresses = context.settings.notify.push
    if not addresses:
        print_message(_("notify.push in config.toml names no address."))
        return ExitCode.USAGE
    failures = send_test_message(addresses, profile=context.paths.profile)
    for failure in failures:
        print_message(failure_text(failure))
    if not failures:
        print_message(_("The message was sent."))
    return ExitCode.SOME_FAILED if failures else ExitCode.DONE


def _print(name: str, value: str) -> None:
    print_data(f"{name:<14} {sanitize(value, 500)}")


def _program_facts() -> Iterator[Fact]:
    yield "pan123-tui", __version__
    yield "python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "system", platform.platform(terse=True)
    yield "packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _terminal_facts() -> Iterator[Fact]:
    yield "language", i18n.language()
    encodings = {stream.encoding for stream in (sys.stdout, sys.stdin) if stream is not None}
    yield "encoding", ", ".join(sorted(encodings))
    yield "terminal", ", ".join(f"{name}={os.environ.get(name, '')}" for name in TERMINAL)
    yield "environment", ", ".join(name for name in MASKED if os.environ.get(name)) or "-"
    columns, rows = shutil.get_terminal_size()
    yield "size", f"{columns}x{rows}"
    streams = {"input": sys.stdin, "output": sys.stdout, "errors": sys.stderr}
    terminals = [name for name, stream in streams.items() if stream.isatty()]
    yield "is a terminal", ", ".join(terminals) or "neither input, output nor errors"
    yield "clipboard", _clipboard()


def _clipboard() -> str:
    """Return what the clipboard is read with, without using it, or why there is none."""
    import pyperclip

    from pan123_tui.ui.clipboard.local import unavailable_reason

    if failure := unavailable_reason(os.environ):
        return str(failure)
    return getattr(pyperclip.determine_clipboard()[1], "__name__", "no_tool")


def _path_facts(context: AppContext) -> Iterator[Fact]:
    paths = context.paths
    yield "profile", "named" if paths.profile else DEFAULT_PROFILE
    for name, path in (
        ("config", paths.config_dir),
        ("data", paths.data_dir),
        ("state", paths.state_dir),
    ):
        yield name, f"{_without_home(str(path))} {_folder_state(path)}"
    for file in (paths.config_dir / "credentials.toml", *paths.token_files(), paths.log_file):
        if (mode := insecure_mode(file)) is not None:
            yield "file", f"{_without_home(str(file))}, open to others: {mode:04o}"
    variables = sorted(name for name in VARIABLE_NAMES if context.environ.get(name))
    yield "variables", ", ".join(variables) or "-"
    if context.ignored_variable:
        yield "not used", context.ignored_variable
    settings = context.settings
    for warning in (*settings.warnings, *settings.unknown, *settings.key_faults):
        yield "settings", _without_home(warning)
    for error in _key_errors(context.settings.keys):
        yield "settings", error


def _key_errors(keymap: Mapping[str, str]) -> list[str]:
    """Return the errors in the user's keymap."""
    if not keymap:
        return []
    from pan123_tui.ui.app import key_scopes
    from pan123_tui.ui.keymap import check_keys

    return check_keys(keymap, key_scopes())


def _folder_state(path: Path) -> str:
    if not path.exists():
        return "(missing)"
    mode = insecure_mode(path)
    open_to_others = f", open to others: {mode:04o}" if mode is not None else ""
    writable = "" if os.access(path, os.W_OK) else ", not writable"
    return f"({'folder' if path.is_dir() else 'no folder'}{open_to_others}{writable})"


def _data_facts(context: AppContext) -> Iterator[Fact]:
    from pan123_tui.store.lock import holder

    folder = context.paths.data_dir
    try:
        tasks, damaged, is_paused = load_store(context)
    except Pan123Error as error:
        yield "tasks", _without_home(f"{type(error).__name__}: {error}")
        return
    by_state = count_by_state(tasks.headers())
    by_view = count_by_view(by_state, stalled=count_stalled(tasks))
    yield "tasks", _counted(by_view)
    yield "states", _counted(by_state) or "-"
    if is_paused:
        yield "sending", "paused"
    if damaged:
        yield "damaged", ", ".join(damaged)
    pid = holder(folder)
    yield "held by", f"pid {pid}" if pid else "-"


def _counted(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "all")


def _check_account(context: AppContext) -> tuple[bool, str]:
    try:
        credentials = load_credentials(context.environ, context.paths.config_dir)
    except SettingsInvalid as error:
        return False, _without_home(str(error))
    source = account_source(context.environ, context.paths.config_dir)
    kind = ACCOUNT_LABELS[source.kind] + (f" of {source.variable}" if source.variable else "")
    base_url = context.settings.service.base_url
    host = "the service" if base_url == DEFAULT_BASE_URL else urlsplit(base_url).hostname or "?"
    if credentials is None:
        return False, f"{kind}, {host} not asked"
    try:
        account = fetch_account(context, None)
    except Pan123Error as error:
        problem = error.problem
        message = redact(problem.message)
        return False, f"{kind}, {host}: {problem.kind} {problem.code or ''} {message}"
    ending = account.package_warning(time.time())
    warning = f", developer package ends {ending.message}" if ending else ""
    return True, f"{kind}, {host} answers and accepts it{warning}"


def _without_home(text: str) -> str:
    """Return `text` without the names of the user and of a profile."""
    text = _PROFILE.sub("profiles/…", text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text
