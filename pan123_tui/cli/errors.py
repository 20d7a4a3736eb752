"""What the command line says of an error, and the exit code that goes with it."""

from enum import IntEnum

from pan123_tui.domain.errors import (
    AccountMissing,
    Pan123Error,
    SettingsInvalid,
    StoreLocked,
    StoreUnwritable,
    StoreVersionTooNew,
    TokenRefused,
)
from pan123_tui.i18n import _
from pan123_tui.wording.problems import explain_problem


class ExitCode(IntEnum):
    """Documented and kept stable."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    ACCOUNT = 3
    """No account, or the service refuses it."""
    LOCKED = 4
    """Another process holds the data."""


def error_message(error: Exception) -> str | None:
    """Say what `error` means and what to do; None: it is a fault of the program."""
    match error:
        case SettingsInvalid():
            text = str(error)
        case StoreLocked():
            text = _(
                "Another pan123-tui (pid {pid}) is using this data folder. Use that one, or add "
                "links from here with “pan123-tui add”."
            ).format(pid=error.pid or "?")
        case StoreVersionTooNew():
            text = _(
                "The tasks were stored by a newer pan123-tui: update this one. ({message})"
            ).format(message=error)
        case StoreUnwritable():
            text = _(
                "The data folder cannot be used, so nothing was done: {message}. Mend its "
                "permissions, make room, or choose another one with PAN123_DATA_DIR."
            ).format(message=error)
        case Pan123Error():
            text = explain_problem(error.problem).text
        case OSError():
            text = f"{error.filename or ''}: {error.strerror or error}"
        case _:
            return None
    return text


def exit_code(error: Exception) -> ExitCode:
    """Give the exit code that stands for `error`."""
    match error:
        case SettingsInvalid() | StoreVersionTooNew():
            return ExitCode.USAGE
        case StoreLocked():
            return ExitCode.LOCKED
        case AccountMissing() | TokenRefused():
            return ExitCode.ACCOUNT
        case _:
            return ExitCode.SOME_FAILED
