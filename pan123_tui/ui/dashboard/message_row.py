"""The message row: the one thing to say now, in the order of what matters."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.client.engine_client import Attachment, AttachmentState
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Connection, Status
from pan123_tui.domain.query import View
from pan123_tui.domain.sanitize import sanitize, width
from pan123_tui.domain.task import Shown, count_ended
from pan123_tui.i18n import N_, _, join_sentences, key_of, ngettext
from pan123_tui.ui.app import Invocation
from pan123_tui.wording import formats
from pan123_tui.wording.dashboard import error_texts, hold_texts, not_saved_texts
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.notes import outcome_text, since_text
from pan123_tui.wording.problems import explain_problem

READ_S = 60.0
"""How long what has ended is still said while the user works."""
_MAX_HOST_WIDTH = 30
_MUTED, _WARNING, _BAD, _CHOICE = (
    "$text-muted",
    "$text-warning",
    "$text-error",
    "$text-primary",
)


class Message(NamedTuple):
    """What is said: untrusted text in variants, the fullest first, and its style."""

    variants: tuple[str, ...]
    style: str = ""


class Facts(Struct, frozen=True):
    """What header and message row show of the tasks and the engine."""

    status: Status = field(default_factory=Status)
    total: int = 0
    now: float = 0.0
    """Unix seconds."""
    attachment: Attachment = Attachment(AttachmentState.ATTACHED)
    is_complete: bool = True
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """The names of missing folders, where known."""
    draft: int = 0
    news: Message | None = None
    """What a key has just done, or what else has just happened."""
    since: tuple[str, ...] = ()
    """What has ended while no screen looked, until that was read; ever shorter."""
    marked: int = 0
    is_range_open: bool = False
    search: str = ""
    """What the present search finds; empty without one."""
    cursor: str = ""
    """The task or the heading under the cursor in a sentence."""
    is_covered: bool = False
    """Whether another screen has the keys."""
    is_watching: bool = False
    collected: int = 0
    invocation: Invocation = Invocation()


def message(facts: Facts) -> Message:
    """Return the first of what is to be said: news, trouble, a choice, the past, the cursor."""
    return next(_messages(facts))


def _messages(facts: Facts) -> Iterator[Message]:
    if facts.news:
        yield facts.news
    yield from _trouble(facts)
    if facts.attachment.is_reachable:  # otherwise what was wrong before is no longer known
        yield from _waiting(facts)
    yield from _choices(facts)
    if facts.since:
        yield Message(facts.since, "$text-accent")
    if facts.attachment.is_reachable:
        yield from _errors(facts)
    yield Message((facts.cursor,), _MUTED)


def fitted(said: Message, cells: int) -> Content:
    """Return the first variant that fits into `cells`, or else the end of the last one cut."""
    texts = [sanitize(text) for text in said.variants]
    text = next((it for it in texts if width(it) <= cells), texts[-1])
    return Content.styled(text, said.style).truncate(cells, ellipsis=True)


class MessageRow(Widget):
    """One line, which is always there."""

    facts = reactive(Facts(), repaint=False)
    said: reactive[Message] = reactive(Message(("",)))
    """What is shown of them."""

    def compute_said(self) -> Message:
        return message(self.facts)

    def watch_said(self) -> None:
        self.refresh()  # Textual does not do so for computed values

    def render(self) -> Content:
        return fitted(self.said, self.size.width)


def login_text(what: str, facts: Facts) -> str:
    """Return how to log in where `what` says that there is no account, or that it is refused."""
    if variable := facts.status.account_variable:
        # It is set in the environment that started the engine.
        full = _("{what}: “pan123-tui stop”, then change {variable}")
        return full.format(what=what, variable=sanitize(variable, 40))
    if facts.invocation.login_variable:
        # The variable is this process's, where the settings take no account; the engine has none.
        return _("{what}: run “pan123-tui login”").format(what=what)
    if facts.is_covered:
        return what
    return _("{what}: press {app.settings} to log in").format(what=what)


_S = AttachmentState
_LOST_TEXTS: Mapping[AttachmentState, Sequence[str]] = {
    _S.LOST: (
        N_("The engine was lost and is being restarted. The rows show the last known state."),
        N_("engine lost, restarting"),
    ),
    _S.SILENT: (
        N_("{holder} does not answer and may be suspended. The rows show the last known state."),
        N_("engine does not answer"),
    ),
    _S.ENDED: (
        N_(
            "The engine was ended, so nothing is sent or checked."
            " {tasks.poll} or any change starts it."
        ),
        N_("engine ended: {tasks.poll} starts it"),
    ),
}
"""Why the engine cannot be reached; the fullest text first."""
_CUT_TEXTS = (
    N_(
        "Connection to {host} lost, reconnecting. The rows show the last known state."
        " If ssh needs to ask you something, leave and start again."
    ),
    N_("Connection to {host} lost, reconnecting. The rows show the last known state."),
    N_("connection to {host} lost"),
)
"""The same for an engine on another machine."""


def _trouble(facts: Facts) -> Iterator[Message]:
    attachment, host = facts.attachment, sanitize(facts.invocation.host, _MAX_HOST_WIDTH)
    trouble, is_cut = attachment.trouble, attachment.state is _S.LOST and bool(host)
    if attachment.is_reachable:
        if trouble:
            yield Message((explain_problem(trouble).text, _("another account")), _BAD)
    elif attachment.state is _S.CONNECTING:
        yield Message((_("Connecting to the engine…"), _("connecting")), _MUTED)
    elif trouble and not is_cut:
        last_words = sanitize(trouble.message.strip().rpartition("\n")[2], 60)
        short = _("The engine cannot be started: {reason}").format(reason=last_words)
        texts = (explain_problem(trouble).text, *([short] if last_words else []))
        texts += (_("The engine cannot be started."),)
        yield Message(texts, _BAD)
    else:
        known = {"holder": program_name(attachment.program, attachment.pid), "host": host}
        variants = _CUT_TEXTS if is_cut else _LOST_TEXTS[attachment.state]
        yield Message(tuple(_(text).format(**known) for text in variants), _BAD)


def _waiting(facts: Facts) -> Iterator[Message]:
    """Yield why tasks cannot be saved, and why all links, or those of some folders, wait."""
    status, invocation = facts.status, facts.invocation
    if problem := status.store_problem:
        yield Message(not_saved_texts(problem), _BAD)
    if not facts.is_complete:
        text = _("loading, {count} tasks so far…").format(count=formats.number(facts.total))
        yield Message((text, _("loading…")), _MUTED)
    if status.is_paused:
        yield Message((_("sending paused · {queue.pause} resumes"),), _WARNING)
    if status.connection in ACCOUNT_CONNECTIONS and not (invocation.is_demo or invocation.host):
        is_missing = status.connection is Connection.NO_ACCOUNT
        what = _("no account") if is_missing else _("account refused")
        yield Message((login_text(what, facts), what), _WARNING if is_missing else _BAD)
    if (hold := status.hold) and (invocation.host or hold.kind is not ProblemKind.ACCOUNT_MISSING):
        yield Message(hold_texts(hold, status.hold_until, facts.now), _WARNING)
    if missing := facts.status.missing_folders:
        what = formats.missing_folders_text(missing, facts.folder_names)
        advice = _("{tasks.edit} on one of them chooses another folder.")
        short = _("no such folder: press {tasks.edit} on a waiting link")
        yield Message((join_sentences(what, advice), short), _WARNING)


def _choices(facts: Facts) -> Iterator[Message]:
    if facts.marked:
        marked = ngettext("{count} marked", "{count} marked", facts.marked)
        act = _("keys act on all of them; {view.back} unmarks")
        if facts.is_range_open:
            act = _("the range ends at the cursor; keys act on it")
        yield Message((f"{marked} · {act}", marked), _CHOICE)
    if facts.search:
        yield Message((facts.search,), _CHOICE)
    if collected := facts.collected:
        text = ngettext("{count} new link collected", "{count} new links collected", collected)
        yield Message((_("{what}: {links.add} reviews").format(what=text), text), _CHOICE)
    if facts.is_watching:
        yield Message((_("watching the clipboard"),), _CHOICE)
    if facts.draft:
        waiting = ngettext(
            "{count} link waits for a look: {links.add}",
            "{count} links wait for a look: {links.add}",
            facts.draft,
        )
        yield Message((waiting,), _CHOICE)


def _errors(facts: Facts) -> Iterator[Message]:
    problem, at, hold = facts.status.last_error, facts.status.last_error_at, facts.status.hold
    if problem is None or (hold and replace(hold, trace_id=problem.trace_id) == problem):
        return
    if problem.kind is ProblemKind.ACCOUNT_MISSING:
        return  # that is said already
    when = "" if at is None else formats.ago(facts.now - at)
    yield Message(tuple(filter(None, error_texts(problem, when))), _BAD)


class EndedSince:
    """What has ended since a screen was last looked at, said until the user has read it."""

    def __init__(self, left_at: float) -> None:
        """Count from `left_at` on, in Unix seconds; 0: that does not matter."""
        self._left_at = left_at
        self._read_by = inf
        """When it has been read: a minute after the first key."""
        self._ended: Counter[Shown] | None = None
        """The number for each word, once all tasks are known."""

    @property
    def action_id(self) -> str:
        """The action that shows what has ended, or the worst of it."""
        is_bad = self._ended and (self._ended[Shown.FAILED] or self._ended[Shown.UNSURE])
        return f"view.show_{View.TROUBLE if is_bad else View.DONE}"

    def begin_to_read(self, now: float) -> None:
        """Say it for a minute more: the user is here."""
        self._read_by = min(self._read_by, now + READ_S)

    def follow(self, action_id: str) -> bool:
        """Say it no more if an action shows it, or clears the screen; return whether one does."""
        if is_read := action_id in ("view.back", self.action_id):
            self._left_at = 0.0
        return is_read

    def texts(self, model: TaskModel, now: float) -> tuple[str, ...]:
        """Return what is to be said, ever shorter; nothing if all has been read."""
        is_known = model.is_loaded and model.is_complete
        if not (self._left_at and now < self._read_by and is_known):
            return ()
        if self._ended is None:
            self._ended = count_ended(model.tasks.values(), since=self._left_at)
        if not self._ended:
            return ()
        key = key_of(self.action_id)
        shows = _("press {key} to see").format(key=key)
        full = since_text(self._left_at, self._ended, now=now)
        short = outcome_text(self._ended)
        return f"{full} · {shows}", f"{full} · {key}", f"{short} · {key}", short
