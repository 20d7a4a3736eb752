"""Exit codes, and the message and exit code of each error.

Starting without a command imports this module, so it imports texts only if an error occurs.
"""

import sys
from enum import IntEnum

from pan123_tui.domain import errors


class ExitCode(IntEnum):
    """The exit codes of the command line: documented and stable."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    ACCOUNT = 3
    """There is no account or no such profile, or the service refuses the account."""
    LOCKED = 4
    """Another process holds the data folder, or does not answer."""
    INTERRUPTED = 130
    """128 plus the number of SIGINT."""


def print_plain(text: str) -> None:
    """Print a message to the user on standard error, where click may not be imported."""
    print(text, file=sys.stderr)  # noqa: T201


def error_message(error: Exception) -> str:
    """Return what `error` means and what to do; "" if it is a bug in the program."""
    from pan123_tui.i18n import _
    from pan123_tui.wording.engine import does_not_answer, explain_host
    from pan123_tui.wording.problems import explain_problem

    match error:
        case errors.HostUnreachable():
            text = explain_host(error)
        case errors.SettingsInvalid():
            text = str(error)
        case errors.StoreLocked(is_silent=True, pid=int(pid)):
            text = does_not_answer(str(error), pid)
        case errors.StoreLocked():
            text = _(
                "Another pan123-tui (pid {pid}) is using this data folder. Use that one, or add "
                "links from here with “pan123-tui add”."
            ).format(pid=error.pid or "?")
        case errors.StoreUnwritable() if not isinstance(error, errors.StoreLost):
            text = _(
                "The data folder cannot be used, so nothing was done: {message}. Fix its "
                "permissions, free up space, or choose another one with PAN123_DATA_DIR."
            ).format(message=error)
        case errors.Pan123Error():
            text = explain_problem(error.problem).text
        case OSError():
            text = ": ".join(filter(None, (error.filename, error.strerror or str(error))))
        case _:
            text = ""
    return text


def exit_code(error: Exception) -> ExitCode:
    """Return the exit code of `error`."""
    match error:
        case (
            errors.ProfileMissing()
            | errors.OtherAccount()
            | errors.AccountMissing()
            | errors.TokenRefused()
        ):
            return ExitCode.ACCOUNT
        case errors.SettingsInvalid() | errors.StoreVersionTooNew():
            return ExitCode.USAGE
        case errors.StoreLocked() | errors.EngineError():
            return ExitCode.LOCKED
        case _:
            return ExitCode.SOME_FAILED
