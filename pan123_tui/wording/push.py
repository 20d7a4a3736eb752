"""Texts of the messages to the user's addresses: counts and names of batches, and no links."""

from msgspec import Struct

from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import N_, _, join_list, ngettext
from pan123_tui.wording.outcomes import files_text, outcome_text
from pan123_tui.wording.problems import explain_problem


class PushFailure(Struct, frozen=True):
    """An address that did not get a message."""

    number: int
    """Its place in `notify.push`, from 1; the address itself is a secret."""
    reason: str
    """A key of `REASONS`."""


REASONS = {
    "missing": N_(
        "Messages need apprise, which is not installed: run “pipx inject pan123-tui apprise” or,"
        " in the clone, “uv tool install '.[push]'”."
    ),
    "invalid": N_("apprise does not recognise address {number} in notify.push."),
    "refused": N_("Address {number} in notify.push did not accept the message."),
}


def failure_text(failure: PushFailure) -> str:
    return _(REASONS[failure.reason]).format(number=failure.number)


def message_title(profile: str) -> str:
    return f"pan123-tui · {sanitize(profile)}" if profile else "pan123-tui"


def test_text() -> str:
    return _("A test: messages from pan123-tui arrive here.")


def batch_line(result: BatchResult) -> str:
    counts = join_list((outcome_text(result.counts), files_text(result.files)))
    text = _("Batch {name} has ended: {counts}.")
    return text.format(name=sanitize(result.name, 80), counts=counts)


def unsure_line(count: int) -> str:
    return ngettext(
        "{count} link is unsure: did its file arrive?",
        "{count} links are unsure: did their files arrive?",
        count,
    )


def hold_line(problem: Problem) -> str:
    why = explain_problem(problem, TaskState.QUEUED).summary
    return _("The queue waits: {why}").format(why=why)


def login_line() -> str:
    return _("Log in again: 123pan does not accept the account.")
