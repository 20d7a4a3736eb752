"""`doctor`: print what a bug report needs, without anything private."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import click

from pan123_tui import __version__, i18n
from pan123_tui.bootstrap import AppContext, ExitCode, fetch_account, load_context, print_message
from pan123_tui.cli.program import command, flag
from pan123_tui.cli.status import find_engine
from pan123_tui.config import paths
from pan123_tui.config.credentials import account_source
from pan123_tui.config.settings import VARIABLES
from pan123_tui.domain.credentials import ARIA2_VARIABLE
from pan123_tui.domain.errors import Pan123Error, SettingsInvalid
from pan123_tui.domain.sanitize import redact, sanitize
from pan123_tui.i18n import _
from pan123_tui.system.private_files import insecure_mode
from pan123_tui.system.push import check_addresses, message_title, send_message
from pan123_tui.wording.engine import push_test_text, push_troubles_text
from pan123_tui.wording.formats import ACCOUNT_LABELS

PACKAGES = ("textual", "httpx", "tinydb", "pyperclip", "click", "msgspec", "filelock", "starlette")
TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "LANG", "LC_ALL")
MASKED = ("TMUX", "STY", "SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "WSL_INTEROP")
"""Variables of which only the presence is printed, since their values may name machines."""
VARIABLE_NAMES = (
    *VARIABLES.values(),
    *(paths.CONFIG_VARIABLE, paths.DATA_VARIABLE, paths.PROFILE_VARIABLE, ARIA2_VARIABLE),
)
"""Of which only the presence is printed too, since their values name the account."""
_PROFILE = re.compile(rf"{paths.PROFILES_FOLDER}/[\w-]+")
Fact = tuple[str, str]


@command(
    "doctor",
    _("Print versions, paths, terminal features and problems; safe to post in public."),
    "pan123-tui doctor > report.txt",
)
@flag("--push", help=_("Only send a test message to the addresses in notify.push."))
def doctor(*, push: bool) -> ExitCode:
    if push:
        return _push(load_context())
    _print(
        ("pan123-tui", __version__),
        ("python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("system", platform.platform(terse=True)),
        ("packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES)),
        ("language", f"{i18n.language()}, {sys.stdout.encoding}"),
        ("terminal", ", ".join(f"{name}={os.environ.get(name, '')}" for name in TERMINAL)),
        ("size", "{}x{}".format(*shutil.get_terminal_size())),
    )
    try:
        context = load_context()
    except SettingsInvalid as error:
        _print(("settings", str(error)))
        return ExitCode.USAGE
    _print(*_path_facts(context), *_data_facts(context))
    is_usable, account = _check_account(context)
    _print(("account", account))
    print_message(
        _(
            "123pan neither makes nor endorses pan123-tui, and its authors could never try it with"
            " the real service: where 123pan answers otherwise than the program expects, report it."
        )
    )
    print_message(_("Nothing above names your account, your links or your home folder."))
    return ExitCode.DONE if is_usable else ExitCode.ACCOUNT


def _push(context: AppContext) -> ExitCode:
    addresses = context.settings.notify.push
    if not addresses:
        print_message(_("notify.push in config.toml contains no address."))
        return ExitCode.USAGE
    text = push_test_text()
    troubles = send_message(addresses, message_title(context.paths.profile), text)
    print_message(push_troubles_text(troubles) or _("The message was sent."))
    return ExitCode.SOME_FAILED if troubles else ExitCode.DONE


def _print(*facts: Fact) -> None:
    """Print `facts` without the names of the user and of a profile."""
    home = os.path.expanduser("~")  # noqa: PTH111 - "~" for a user without one, and no error
    for name, line in ((name, line) for name, value in facts for line in value.split("\n")):
        text = _PROFILE.sub("profiles/…", line)
        text = text.replace(home, "~") if len(home) > 1 else text
        click.echo(f"{name:<14} {sanitize(text, 500)}")


def _path_facts(context: AppContext) -> Iterator[Fact]:
    folders, settings = context.paths, context.settings
    variables = sorted(name for name in VARIABLE_NAMES if os.environ.get(name))
    yield "variables", ", ".join((*variables, *filter(os.environ.get, MASKED))) or "-"
    yield "profile", "named" if folders.profile else paths.DEFAULT_PROFILE
    for name, path in zip(("config", "data", "state"), folders.folders, strict=True):
        is_writable = path.is_dir() and os.access(path, os.W_OK)
        yield name, f"{path}{'' if is_writable else ' (missing or not writable)'}"
    for file in (*folders.folders, *folders.secret_files(), folders.log_file):
        if (mode := insecure_mode(file)) is not None:
            yield "permissions", f"{file} is open to others: {mode:04o}"
    for warning in settings.warnings:
        yield "settings", warning
    if error := push_troubles_text(check_addresses(settings.notify.push)):
        yield "push", error


def _data_facts(context: AppContext) -> Iterator[Fact]:
    try:
        found = find_engine(context)
    except (Pan123Error, OSError) as error:
        yield "tasks", f"{type(error).__name__}: {error}"
        return
    yield "tasks", _counted(found.counts) + (", paused" if found.known.status.is_paused else "")
    yield "states", _counted(found.states) or "-"
    if found.known.damaged_files:
        yield "damaged", ", ".join(found.known.damaged_files)
    answers = "" if found.known.hello else " which does not answer"
    yield "held by", f"{found.program} (pid {found.pid}){answers}" if found.pid else "-"


def _counted(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "all")


def _check_account(context: AppContext) -> tuple[bool, str]:
    source = account_source(context.environ, context.paths.config_dir)
    kind = ACCOUNT_LABELS[source.kind] + (f" of {source.variable}" if source.variable else "")
    try:
        fetch_account(context, None)
    except SettingsInvalid as error:
        return False, str(error)
    except Pan123Error as error:
        problem = error.problem
        code, message = str(problem.code or ""), redact(problem.message)
        facts = f"{kind}: {problem.kind}", problem.variable, code, message
        return False, " ".join(filter(None, facts))
    return True, f"{kind}, the service answers and accepts it"
