"""`doctor`: everything that a bug report needs, and nothing that must not be public."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

import click

from pan123_tui import __version__, i18n
from pan123_tui.bootstrap import AppContext, fetch_account, load_context, load_store
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.exit_code import ExitCode
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.config.credentials import load_credentials
from pan123_tui.config.log import log_file
from pan123_tui.config.private_files import insecure_mode
from pan123_tui.config.schema import DEFAULT_BASE_URL
from pan123_tui.config.settings import VARIABLES
from pan123_tui.domain.credentials import AccessToken, Credentials
from pan123_tui.domain.errors import Pan123Error, SettingsInvalid
from pan123_tui.domain.sanitize import redact, sanitize
from pan123_tui.engine.requests import INBOX
from pan123_tui.i18n import _

PACKAGES = ("textual", "httpx", "tinydb", "pyperclip", "click", "msgspec", "filelock", "starlette")
TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "LANG", "LC_ALL")
PRESENT = ("TMUX", "STY", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "WSL_INTEROP")
"""Only whether they are set is told: their values name machines."""

Fact = tuple[str, str]


@click.command(
    "doctor",
    help=_("Print versions, places, abilities and troubles; safe to paste in public."),
    epilog=example("pan123-tui doctor > report.txt"),
)
@click.option("--offline", is_flag=True, help=_("Do not ask the service anything."))
@language_option
def doctor(*, offline: bool) -> None:
    """Print the facts."""
    for name, value in (*_program(), *_terminal()):
        _tell(name, value)
    try:
        context = load_context()
    except SettingsInvalid as error:
        _tell("settings", _without_home(str(error)))
        raise click.exceptions.Exit(ExitCode.USAGE) from None
    for name, value in (*_places(context), *_data(context)):
        _tell(name, value)
    is_well, answer = _account(context, offline=offline)
    _tell("account", answer)
    print_message(_("Nothing above names your account, your links or your home folder."))
    raise click.exceptions.Exit(ExitCode.DONE if is_well else ExitCode.ACCOUNT)


def _tell(name: str, value: str) -> None:
    print_data(f"{name:<14} {sanitize(value, 500)}")


def _program() -> Iterator[Fact]:
    yield "pan123-tui", __version__
    yield "python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "system", platform.platform(terse=True)
    yield "packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _terminal() -> Iterator[Fact]:
    yield "language", i18n.language()
    encodings = {stream.encoding for stream in (sys.stdout, sys.stdin) if stream is not None}
    yield "encoding", ", ".join(sorted(encodings))
    yield "terminal", ", ".join(f"{name}={os.environ.get(name, '')}" for name in TERMINAL)
    yield "surroundings", ", ".join(name for name in PRESENT if os.environ.get(name)) or "-"
    columns, rows = shutil.get_terminal_size()
    tty = "".join(str(int(stream.isatty())) for stream in (sys.stdin, sys.stdout, sys.stderr))
    yield "size", f"{columns}x{rows}, tty {tty} (stdin stdout stderr)"
    yield "clipboard", _clipboard()


def _clipboard() -> str:
    """Name the mechanism, without reading or writing anything."""
    import asyncio

    from pan123_tui.ui.clipboard.local import ClipboardBackend, find_backend

    found = asyncio.run(find_backend(os.environ))
    return found.name if isinstance(found, ClipboardBackend) else str(found)


def _places(context: AppContext) -> Iterator[Fact]:
    places = context.paths
    for name, path in (
        ("config", places.config_dir),
        ("data", places.data_dir),
        ("state", places.state_dir),
    ):
        yield name, f"{_without_home(str(path))} {_condition(path)}"
    for file in (places.config_dir / "credentials.toml", places.token_cache, log_file(places)):
        if (mode := insecure_mode(file)) is not None:
            yield "file", f"{_without_home(str(file))}, open to others: {mode:04o}"
    set_here = sorted(name for name in VARIABLES.values() if context.environ.get(name))
    yield "variables", ", ".join(set_here) or "-"
    for warning in context.settings.warnings:
        yield "settings", _without_home(str(warning))
    for fault in _key_faults(context.settings.keys):
        yield "settings", fault


def _key_faults(chosen: Mapping[str, str]) -> list[str]:
    """Tell which of the keys that the user has chosen do not work."""
    if not chosen:
        return []
    from pan123_tui.ui.app import Pan123App
    from pan123_tui.ui.key_conflicts import binding_scopes
    from pan123_tui.ui.keymap import check_keys

    return [str(fault) for fault in check_keys(chosen, binding_scopes(Pan123App))]


def _condition(path: Path) -> str:
    if not path.exists():
        return "(missing)"
    mode = insecure_mode(path)
    open_to_others = f", open to others: {mode:04o}" if mode is not None else ""
    writable = "" if os.access(path, os.W_OK) else ", not writable"
    return f"({'folder' if path.is_dir() else 'no folder'}{open_to_others}{writable})"


def _data(context: AppContext) -> Iterator[Fact]:
    from pan123_tui.store.lock import holder

    folder = context.paths.data_dir
    try:
        tasks, damaged = load_store(context)
    except Pan123Error as error:
        yield "tasks", _without_home(f"{type(error).__name__}: {error}")
        return
    states = [str(task.state) for task in tasks.values()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    yield "tasks", f"{len(tasks)} ({counts})" if tasks else "0"
    if damaged:
        yield "damaged", ", ".join(damaged)
    pid = holder(folder)
    yield "held by", f"pid {pid}" if pid else "-"
    inbox = folder / INBOX
    waiting = sum(path.is_file() for path in inbox.iterdir()) if inbox.is_dir() else 0
    rejected = len(list((inbox / "rejected").glob("*")))
    yield "inbox", f"{waiting} waiting, {rejected} rejected"


def _account(context: AppContext, *, offline: bool) -> tuple[bool, str]:
    try:
        credentials = load_credentials(context.environ, context.paths.config_dir)
    except SettingsInvalid as error:
        return False, _without_home(str(error))
    kind = _kind(credentials)
    base_url = context.settings.service.base_url
    host = "the service" if base_url == DEFAULT_BASE_URL else urlsplit(base_url).hostname or "?"
    if credentials is None or offline:
        return credentials is not None or offline, f"{kind}, {host} not asked"
    try:
        fetch_account(context, credentials)
    except Pan123Error as error:
        problem = error.problem
        said = redact(problem.message)
        return False, f"{kind}, {host}: {problem.kind} {problem.code or ''} {said}"
    return True, f"{kind}, {host} answers and accepts it"


def _kind(credentials: Credentials | None) -> str:
    if credentials is None:
        return "none configured"
    return "access token" if isinstance(credentials, AccessToken) else "client id and secret"


def _without_home(text: str) -> str:
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text
