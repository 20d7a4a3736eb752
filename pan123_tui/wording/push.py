"""Texts of the messages to the user's addresses: counts and names of batches, and no links."""

from msgspec import Struct

from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_list, ngettext
from pan123_tui.wording.outcomes import files_text, outcome_text
from pan123_tui.wording.problems import explain_hold


class PushFailure(Struct, frozen=True):
    """An address that did not get a message."""

    number: int
    """Its place in `notify.push`, from 1; the address itself is a secret."""
    reason: str
    """A key of `REASONS`."""


REASONS = {
    "missing": N_(
        "Messages need apprise, which is not installed: run “pipx inject pan123-tui apprise” or"
        " “uv tool install 'pan123-tui[push]'”."
    ),
    "invalid": N_("apprise does not recognise address {number} in notify.push."),
    "refused": N_("Address {number} in notify.push did not take the message."),
}


def failure_text(failure: PushFailure) -> str:
    """Return why a message did not arrive, without the address."""
    return _(REASONS[failure.reason]).format(number=failure.number)


def message_title(profile: str) -> str:
    """Return the title of all messages of a profile ("": the default one)."""
    return f"pan123-tui · {sanitize(profile)}" if profile else "pan123-tui"


def test_text() -> str:
    """Return the text of a message that only shows that messages arrive."""
    return _("Messages from pan123-tui arrive.")


def batch_line(result: BatchResult) -> str:
    """Return that a batch has ended, and how."""
    counts = join_list(filter(None, (outcome_text(result.counts), files_text(result.files))))
    return _("Batch {name} has ended: {counts}.").format(
        name=sanitize(result.name, 80), counts=counts
    )


def unsure_line(count: int) -> str:
    """Return that `count` links need the user's word."""
    return ngettext(
        "{count} link is unsure: did its file arrive?",
        "{count} links are unsure: did their files arrive?",
        count,
    )


def hold_line(problem: Problem) -> str:
    """Return that the queue has waited for long, and for what."""
    return _("The queue waits: {why}").format(why=explain_hold(problem).summary)


def login_line() -> str:
    """Return that nothing goes on without a login."""
    return _("Log in again: 123pan does not take the account.")
