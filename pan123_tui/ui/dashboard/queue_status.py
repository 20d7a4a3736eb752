"""What the status bar says of the queue: what it waits for, and how long it takes."""

from collections.abc import Iterator

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.send_queue import estimate_send_s
from pan123_tui.i18n import _, join_sentences
from pan123_tui.ui.widgets.styled_text import StatusItem
from pan123_tui.wording import formats
from pan123_tui.wording.problems import explain_hold


def pause_items(key: str) -> Iterator[StatusItem]:
    """Yield that the user has paused sending, and the key that resumes it."""
    full = _("sending paused · {key} resumes").format(key=key)
    yield StatusItem(96, (full, _("paused · {key}").format(key=key)), "bold $text-warning")


def hold_items(status: Status, *, now: float, running: int = 0) -> Iterator[StatusItem]:
    """Yield why the queue is held and when it is tried again, if it is held.

    `running` is the number of tasks that run at the service.
    """
    if status.hold is None:
        return
    explanation = explain_hold(status.hold, running=running)
    variants: tuple[str, ...]
    if status.hold_until is None or status.hold.kind is ProblemKind.ACCOUNT_MISSING:
        variants = (
            _("Waiting: {what} {advice}").format(what=explanation.summary, advice=explanation.hint),
            _("Waiting: {what}").format(what=explanation.summary),
            _("waiting for you"),
        )
    elif status.hold_until <= now and status.hold.kind is ProblemKind.RESPONSE_LOST:
        variants = (
            _("Checking that the service answers before the next link is sent."),
            _("checking the service"),
        )
    else:
        variants = _countdown(explanation.summary, status, status.hold_until, now)
        if status.hold.kind is ProblemKind.RESPONSE_LOST:
            wait = formats.rounded_duration(status.hold_until - now)
            text = _("Waiting: the answer to a link got lost; checking the service in {time}.")
            variants = (*variants[:-1], text.format(time=wait), variants[-1])
    full = join_sentences(variants[0], explanation.details)
    yield StatusItem(80, (full, *variants), "$text-warning")


def _countdown(what: str, status: Status, until: float, now: float) -> tuple[str, ...]:
    """Return why the queue waits, since when, and in how long it is tried again."""
    wait_s = until - now
    if wait_s <= 0:
        return _("Trying again now: {what}").format(what=what), _("trying again now")
    wait = formats.rounded_duration(wait_s)
    variants = [
        _("Waiting: {what} Again in {time}.").format(what=what, time=wait),
        _("waiting, again in {time}").format(time=wait),
    ]
    since = now if status.hold_since is None else status.hold_since
    if now - since >= formats.MINUTE:
        text = _("Waiting for {since}: {what} Again in {time}.")
        since_text = formats.duration(now - since)
        variants.insert(0, text.format(since=since_text, what=what, time=wait))
    return tuple(variants)


def queue_items(
    count: int, status: Status, *, delayed: int = 0, now: float = 0.0
) -> Iterator[StatusItem]:
    """Yield how many of `count` links are to be sent and how long that takes, and how many not."""
    if sendable := count - delayed:
        yield StatusItem(45, _sending_texts(sendable, status, now), "$text-muted")
    if delayed:
        text = _("{links} to try again").format(links=formats.count_links(delayed))
        yield StatusItem(44, (text, ""), "$text-muted")


def _sending_texts(count: int, status: Status, now: float) -> tuple[str, ...]:
    links = formats.count_links(count)
    short = _("{links} to send").format(links=links)
    if (seconds := estimate_send_s(count, status, now=now)) is not None:
        time = formats.rounded_duration(seconds)
        return _("{links} to send, about {time}").format(links=links, time=time), short, ""
    if not status.is_paused and (status.hold is not None or status.send_interval_s is None):
        return _("{links} to send, time unknown").format(links=links), short, ""
    return short, ""


def waiting_text(status: Status, *, now: float) -> tuple[str, ...]:
    """Return for how long the service has left a request unanswered; empty if it answers."""
    if status.waiting_since is None:
        return ()
    time = formats.rounded_duration(now - status.waiting_since)
    return (_("waiting for the service, {time}").format(time=time),)


def poll_text(status: Status, *, now: float) -> str:
    """Return what happens when the user asks for a check now."""
    if status.hold is not None and not status.is_paused:
        wait_s = (status.hold_until or now) - now
        if status.hold.kind is ProblemKind.RATE_LIMITED and wait_s > 0:
            text = _("Checking all tasks; the service takes links again in {time}.")
            return text.format(time=formats.rounded_duration(wait_s))
        return _("Checking all tasks, and trying to send…")
    return _("Checking all tasks…")
