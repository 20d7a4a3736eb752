"""The status bar: how the tasks stand and the account, and below it what there is to say."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.client.updates import REACHED, Attachment, AttachmentState
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Connection, Status
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import _, join_sentences, ngettext, with_aside, with_parenthetical
from pan123_tui.ui.theme import SHOWN_TOKENS
from pan123_tui.ui.widgets.styled_text import Line, StatusItem, content_of, fitted_line
from pan123_tui.wording import formats
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.problems import (
    code_text,
    explain_problem,
    facts_text,
    short_reason,
)

_MAX_NAME_WIDTH = 16
_MAX_HOST_WIDTH = 30
_IMPORTANCE: Mapping[Shown, int] = {
    Shown.QUEUED: 58,
    Shown.SENDING: 40,
    Shown.RUNNING: 60,
    Shown.FAILED: 64,
    Shown.UNSURE: 65,
}
"""The words in the order of the tabs, each with the importance of its count; a tab counts done."""
_OPTIONAL = 60
"""Counts up to this importance are left out where there is no room."""
_NEARLY_FULL = 0.9
"""Share of the drive from which it is said how much is used; until then `status` has it."""
_MUTED, _GOOD, _WARNING, _BAD = (
    "$text-muted",
    "$text-success",
    "bold $text-warning",
    "bold $text-error",
)


class Place(Struct, frozen=True):
    """Where this screen is, and the keys that the status bar names; nothing of it changes."""

    is_demo: bool = False
    host: str = ""
    """The machine of the engine, where that is another one."""
    profile: str = ""
    """The profile in use; empty: the default one."""
    login_key: str = ""
    """The key that leads to the account; empty without one."""
    login_variable: str = ""
    """The environment variable that names the account; empty if none does."""
    redirect_key: str = ""
    pause_key: str = ""
    poll_key: str = ""


class StatusFacts(Struct, frozen=True):
    """What the status bar shows of tasks and engine."""

    status: Status = field(default_factory=Status)
    counts: Mapping[Shown, int] = field(default_factory=dict)
    now: float = 0.0
    """Unix seconds."""
    attachment: Attachment = REACHED
    """Which engine the tasks come from."""
    is_complete: bool = True
    """Whether the engine has sent all tasks."""
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """The names of missing folders, where known."""
    batch: str = ""
    """How the newest batch stands that is not at its end."""
    since: str = ""
    """What has ended while no screen looked, until the user does something."""
    stalled: int = 0
    """How many of those that run have not changed for long: they are in trouble too."""


class StatusBar(Widget):
    """One line, and a second one while there is something to say."""

    facts = reactive(StatusFacts(), repaint=False)
    marked = reactive(0, repaint=False)
    """Number of marked tasks."""
    collected = reactive(0, repaint=False)
    """Links that the clipboard watch has collected."""
    is_watching = reactive(False, repaint=False)
    """Whether the clipboard is watched."""
    lines: reactive[tuple[Line, ...]] = reactive(())
    """What is shown, of all that above."""

    def __init__(self, place: Place = Place()) -> None:  # noqa: B008 - a frozen value
        super().__init__()
        self._place = place

    def compute_lines(self) -> tuple[Line, ...]:
        facts, place = self.facts, self._place
        second = second_line(facts, place), [*_loading_items(facts), *self._list_items()]
        sides = [it for it in (first_line(facts, place), second) if any(it)]
        return tuple(fitted_line(left, right, self.size.width) for left, right in sides)

    def watch_lines(self, lines: tuple[Line, ...]) -> None:
        self.set_class(len(lines) > 1, "-two")
        self.refresh()  # Textual does not for what is computed

    def render(self) -> Content:
        return content_of(self.lines)

    def _list_items(self) -> Iterator[StatusItem]:
        if self.marked:
            marked = ngettext("{count} marked", "{count} marked", self.marked)
            yield StatusItem(95, (marked,), "bold $text-accent")
        if self.is_watching:
            watching = (_("watching the clipboard"), _("clipboard"))
            yield StatusItem(94, watching, "bold $text-accent")
        if self.collected:
            text = ngettext(
                "{count} new link collected", "{count} new links collected", self.collected
            )
            yield StatusItem(93, (text, f"+{formats.number(self.collected)}"), "$text-accent")


def first_line(facts: StatusFacts, place: Place) -> tuple[list[StatusItem], list[StatusItem]]:
    """Return where this is and how many tasks stand how, and on the right the account."""
    left = [*_place_items(place), *_count_items(facts)]
    if not facts.attachment.is_reachable:  # as the second line says; the rest is not known then
        return left, []
    return left, [*_account_items(facts.status), _connection_item(facts, place)]


def second_line(facts: StatusFacts, place: Place) -> list[StatusItem]:
    """Return what is wrong or waited for, and what was or is done."""
    items = [*_trouble_items(facts.attachment, place)]
    if facts.attachment.is_reachable:  # else what was wrong before is not known any more
        items += [
            *_store_items(facts.status),
            *_pause_items(facts, place),
            *_folder_items(facts, place),
            *_error_items(facts),
        ]
    items += [StatusItem(71, (facts.since, ""), "$text-accent")] if facts.since else []
    items += [StatusItem(45, (facts.batch, ""), _MUTED)] if facts.batch else []
    return items


def _place_items(place: Place) -> Iterator[StatusItem]:
    if place.is_demo:
        yield StatusItem(100, (_(" DEMO "),), "bold $background on $warning")
    if host := place.host:
        variants = (f" {sanitize(host, _MAX_HOST_WIDTH)} ", f" {sanitize(host, 8)} ")
        yield StatusItem(61, variants, "bold $background on $primary")
    if name := place.profile:
        yield StatusItem(61, (f" {name} ", f" {sanitize(name, 8)} "), "bold $background on $accent")


def _count_items(facts: StatusFacts) -> Iterator[StatusItem]:
    for shown, importance in _IMPORTANCE.items():
        if count := facts.counts.get(shown, 0):
            sign, amount = formats.shown_glyph(shown), formats.number(count)
            variants = [f"{sign} {formats.shown_label(shown)} {amount}", f"{sign} {amount}"]
            if shown is Shown.RUNNING and facts.stalled:
                variants.insert(0, with_parenthetical(variants[0], _stalled_text(facts.stalled)))
            if importance <= _OPTIONAL:
                variants.append("")
            yield StatusItem(importance, tuple(variants), f"${SHOWN_TOKENS[shown]}")


def _stalled_text(count: int) -> str:
    return ngettext("{count} stalled", "{count} stalled", count)


def _account_items(status: Status) -> Iterator[StatusItem]:
    if account := status.account:
        if status.connection is not Connection.ONLINE:
            yield StatusItem(52, (sanitize(account.nickname, _MAX_NAME_WIDTH), ""), "$foreground")
        share = account.space_used / account.space_total if account.space_total > 0 else 0.0
        if share >= _NEARLY_FULL:
            text = _("{percent} of {total} used")
            used = formats.percent(100 * share)
            full = text.format(percent=used, total=formats.size(account.space_total))
            yield StatusItem(62, (full, _("{percent} used").format(percent=used), ""), _WARNING)


def _connection_item(facts: StatusFacts, place: Place) -> StatusItem:
    labels = {
        Connection.ONLINE: (_("online"), _GOOD),
        Connection.OFFLINE: (_("offline"), _BAD),
        Connection.TROUBLE: (_("service error"), _BAD),
        Connection.REFUSED: (_("account refused"), _BAD),
        Connection.NO_ACCOUNT: (_("no account"), _WARNING),
    }
    status = facts.status
    text, style = labels.get(status.connection, (_("connecting"), _MUTED))
    if status.waiting_since is not None:
        time = formats.duration(facts.now - status.waiting_since)
        return StatusItem(90, (_("waiting for 123pan, {time}").format(time=time),), _WARNING)
    if status.connection is Connection.ONLINE:
        nickname = sanitize(status.account.nickname, _MAX_NAME_WIDTH) if status.account else ""
        return StatusItem(66, (f"{nickname} {text}".strip(), text, ""), style)
    if status.connection in ACCOUNT_CONNECTIONS and place.login_key:
        return StatusItem(90, (_login_text(text, status, place), text), style)
    return StatusItem(90, (text,), style)


def _login_text(what: str, status: Status, place: Place) -> str:
    """Return what is wrong with the account, and how to log in."""
    problems = filter(None, (status.hold, status.last_error))
    if variable := next((it.variable for it in problems if it.variable), ""):
        # It is set where the engine was started.
        full = _("{what}: “pan123-tui stop”, then change {variable}")
        return full.format(what=what, variable=sanitize(variable, 40))
    if place.login_variable:
        # The variable is this process's: the engine's does not know it.
        return _("{what}: run “pan123-tui login”").format(what=what)
    return _("{what}: press {key} to log in").format(what=what, key=place.login_key)


_S = AttachmentState


def _trouble_items(attachment: Attachment, place: Place) -> Iterator[StatusItem]:
    """Yield why commands are not carried out now."""
    trouble = attachment.trouble
    if attachment.is_reachable:
        if trouble:
            yield StatusItem(98, (explain_problem(trouble).text, _("another account")), _BAD)
    elif attachment.state is _S.STARTING:
        yield StatusItem(98, (_("Starting the engine…"), _("starting…")), _MUTED)
    elif trouble and not _is_far(attachment, place):
        reason = sanitize(trouble.message.strip().rpartition("\n")[2], 60)
        short = _("The engine cannot be started: {reason}").format(reason=reason)
        said = explain_problem(trouble).text
        texts = (said, *([short] if reason else []), _("The engine cannot be started."))
        yield StatusItem(98, texts, _BAD)
    else:
        holder = program_name(attachment.program, attachment.pid)
        host, key = sanitize(place.host, 30), place.poll_key
        variants = tuple(
            text.format(holder=holder, key=key, host=host)
            for text in _lost_texts(attachment, place)
        )
        yield StatusItem(98, variants, _BAD)


def _is_far(attachment: Attachment, place: Place) -> bool:
    return attachment.state is _S.LOST and bool(place.host)


def _lost_texts(attachment: Attachment, place: Place) -> tuple[str, ...]:
    """Return why the engine cannot be reached, from the fullest to the shortest text."""
    if _is_far(attachment, place):
        return (
            _(
                "Connection to {host} lost, reconnecting. The rows show the last known state."
                " If ssh needs to ask you something, leave and start again."
            ),
            _("Connection to {host} lost, reconnecting. The rows show the last known state."),
            _("connection to {host} lost"),
        )
    if attachment.state is _S.LOST:
        return (
            _(
                "The engine was lost and is being started again. The rows show the last known"
                " state."
            ),
            _("engine lost, starting it again"),
        )
    if attachment.state is _S.SILENT:
        return (
            _(
                "The engine does not answer: {holder} may be suspended. The rows show the last"
                " known state."
            ),
            _("engine does not answer"),
        )
    return (
        _("The engine was ended, so nothing is sent or checked. {key} starts it again."),
        _("engine ended: {key} starts it again"),
    )


def _store_items(status: Status) -> Iterator[StatusItem]:
    if problem := status.store_problem:
        explanation = explain_problem(problem)
        what = _("! Not saved: {what}").format(what=explanation.summary)
        full = join_sentences(what, explanation.hint)
        yield StatusItem(99, (full, what, _("! not saved")), _BAD)


def _pause_items(facts: StatusFacts, place: Place) -> Iterator[StatusItem]:
    """Yield that the user has paused sending, else why the queue is held."""
    status = facts.status
    if status.is_paused:
        full = _("sending paused · {key} resumes").format(key=place.pause_key)
        short = _("paused · {key}").format(key=place.pause_key)
        yield StatusItem(96, (full, short), _WARNING)
    elif status.hold is not None:
        explanation = explain_problem(status.hold, TaskState.QUEUED)
        short = short_reason(status.hold, TaskState.QUEUED)
        texts = explanation.summary, explanation.hint, short
        variants = _hold_texts(*texts, status, facts.now)
        full = join_sentences(variants[0], explanation.details)
        yield StatusItem(80, (full, *variants), "$text-warning")


def _hold_texts(what: str, advice: str, short: str, status: Status, now: float) -> tuple[str, ...]:
    """Return why the queue waits, since when, and in how long it is tried again."""
    kind = status.hold and status.hold.kind
    is_lost = kind is ProblemKind.RESPONSE_LOST
    if status.hold_until is None or kind is ProblemKind.ACCOUNT_MISSING:
        return (
            _("Waiting: {what} {advice}").format(what=what, advice=advice),
            _("Waiting: {what}").format(what=what),
            _("waiting for you"),
        )
    if status.hold_until <= now:
        if is_lost:
            text = _("Checking that 123pan answers before the next link is sent.")
            return text, _("checking 123pan")
        return _("Trying again now: {what}").format(what=what), _("trying again now")
    wait = formats.duration(status.hold_until - now)
    variants = [_("Waiting: {what} Next try in {time}.").format(what=what, time=wait)]
    if status.hold_since is not None and now - status.hold_since >= formats.MINUTE:
        text = _("Waiting for {since}: {what} Next try in {time}.")
        since = formats.duration(now - status.hold_since)
        variants.insert(0, text.format(since=since, what=what, time=wait))
    if is_lost:
        text = _("Waiting: the answer to a link was lost; checking 123pan in {time}.")
        variants.append(text.format(time=wait))
    return (
        *variants,
        _("Next try in {time}: {what}").format(time=wait, what=short),
        _("waiting, next try in {time}").format(time=wait),
    )


def _folder_items(facts: StatusFacts, place: Place) -> Iterator[StatusItem]:
    if missing := facts.status.missing_folders:
        what = formats.missing_folders_text(missing, facts.folder_names)
        advice = _("{key} sends them elsewhere.").format(key=place.redirect_key)
        short = _("{key}: no such folder").format(key=place.redirect_key)
        yield StatusItem(75, (join_sentences(what, advice), short), "$text-warning")


def _error_items(facts: StatusFacts) -> Iterator[StatusItem]:
    status = facts.status
    problem = status.last_error
    if problem is None or _is_same(problem, status.hold):
        return
    explanation = explain_problem(problem)
    when = "" if status.last_error_at is None else formats.ago(facts.now - status.last_error_at)
    what, code = explanation.summary, code_text(problem)
    full = with_aside(join_sentences(what, explanation.details), when)
    variants = (with_aside(what, facts_text(problem)), with_aside(what, code))
    yield StatusItem(70, (full, *variants, what, *filter(None, (code,)), ""), "$text-error")


def _is_same(one: Problem, other: Problem | None) -> bool:
    """Return whether two problems differ in the trace id at most."""
    return other is not None and replace(one, trace_id="") == replace(other, trace_id="")


def _loading_items(facts: StatusFacts) -> Iterator[StatusItem]:
    """Yield that more tasks are still to come than are here."""
    if not facts.is_complete:
        count = formats.number(sum(facts.counts.values()))
        text = _("loading, {count} tasks so far…").format(count=count)
        yield StatusItem(97, (text, _("loading…")), _WARNING)
