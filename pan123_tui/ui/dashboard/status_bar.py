"""The status bar: the tasks' counts and the account; below, what else there is to say."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf

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
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Shown, count_ended
from pan123_tui.i18n import N_, _, join_sentences, key_of, ngettext
from pan123_tui.ui.app import Invocation
from pan123_tui.ui.theme import SHOWN_TOKENS
from pan123_tui.ui.widgets.styled_text import StatusItem, fitted_line
from pan123_tui.wording import formats
from pan123_tui.wording.dashboard import error_texts, hold_texts, not_saved_texts
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.notes import outcome_text, since_text
from pan123_tui.wording.problems import explain_problem, refused_names_text

READ_S = 60.0
"""How long what has ended is still said while the user works."""
_MAX_NAME_WIDTH = 16
_MAX_HOST_WIDTH = 30
_IMPORTANCE: Mapping[Shown, int] = {
    Shown.QUEUED: 66,
    Shown.SENDING: 40,
    Shown.RUNNING: 67,
    Shown.FAILED: 0,
    Shown.UNSURE: 0,
}
"""The words in the order of the tabs, with the importance of their counts (0: always shown); a tab
counts done."""
_MUTED, _GOOD, _WARNING, _BAD = (
    "$text-muted",
    "$text-success",
    "bold $text-warning",
    "bold $text-error",
)


class StatusFacts(Struct, frozen=True):
    """What the status bar shows of the tasks and the engine."""

    status: Status = field(default_factory=Status)
    counts: Mapping[Shown, int] = field(default_factory=dict)
    now: float = 0.0
    """Unix seconds."""
    attachment: Attachment = Attachment(AttachmentState.ATTACHED)
    is_complete: bool = True
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """The names of missing folders, where known."""
    draft: int = 0
    since: tuple[str, ...] = ()
    """What has ended while no screen looked, until that was read; ever shorter."""
    marked: int = 0
    is_covered: bool = False
    """Whether another screen has the keys."""
    is_watching: bool = False
    collected: int = 0
    invocation: Invocation = Invocation()


class StatusBar(Widget):
    """One line, plus a second one while there is something to say."""

    facts = reactive(StatusFacts(), repaint=False)
    lines: reactive[tuple[Content, ...]] = reactive(())
    """What is shown of them."""

    def compute_lines(self) -> tuple[Content, ...]:
        second = second_line(self.facts), [*_list_items(self.facts)]
        sides = [it for it in (first_line(self.facts), second) if any(it)]
        return tuple(fitted_line(left, right, self.size.width) for left, right in sides)

    def watch_lines(self, before: tuple[Content, ...], lines: tuple[Content, ...]) -> None:
        self.refresh(layout=len(lines) != len(before))  # Textual does not do so for computed values

    def render(self) -> Content:
        return Content("\n").join(self.lines)


def first_line(facts: StatusFacts) -> tuple[list[StatusItem], list[StatusItem]]:
    """Return the origin and the tasks' counts and, on the right, the account."""
    # Without an engine, as the second line says, the account is not known.
    is_known = facts.attachment.is_reachable
    return [*_count_items(facts)], [*_account_items(facts)] if is_known else []


def second_line(facts: StatusFacts) -> list[StatusItem]:
    """Return what is wrong or awaited, and what has been or is being done."""
    items = [*_trouble_items(facts)]
    if facts.attachment.is_reachable:  # otherwise what was wrong before is no longer known
        items += [*_queue_items(facts), *_error_items(facts)]
    items += [StatusItem(81, facts.since, "$text-accent")] if facts.since else []
    return items


def _count_items(facts: StatusFacts) -> Iterator[StatusItem]:
    """Yield where the tasks are, how many there are, and the draft."""
    if facts.invocation.is_demo:
        yield StatusItem(100, (_(" DEMO "),), "bold $background on $warning")
    origins = (facts.invocation.host, "$primary"), (facts.invocation.profile, "$accent")
    for name, color in origins:
        if name:
            variants = (f" {sanitize(name, _MAX_HOST_WIDTH)} ", f" {sanitize(name, 8)} ")
            yield StatusItem(61, variants, f"bold $background on {color}")
    for shown, last in _IMPORTANCE.items():
        if count := facts.counts.get(shown, 0):
            sign, amount = formats.shown_glyph(shown), formats.number(count)
            texts = [f"{sign} {formats.shown_label(shown)} {amount}"]
            if shown is not Shown.SENDING:  # left out, for its moment, before the words of others
                texts.append(f"{sign} {amount}")
            if last:
                texts.append("")
            yield StatusItem(60, tuple(texts), f"${SHOWN_TOKENS[shown]}", last)
    if facts.draft:
        draft = _("draft {count}").format(count=formats.number(facts.draft))
        yield StatusItem(89, (draft, ""), "$text-accent")


def _account_items(facts: StatusFacts) -> Iterator[StatusItem]:
    status, invocation = facts.status, facts.invocation
    if status.listens_at:
        taking = (_("takes links from the browser · press {app.settings}"), _("browser"))
        yield StatusItem(56, taking, "$text-accent")
    text, style = {
        Connection.ONLINE: (_("logged in"), _GOOD),
        Connection.OFFLINE: (_("offline"), _BAD),
        Connection.TROUBLE: (_("123pan error"), _BAD),
        Connection.REFUSED: (_("account refused"), _BAD),
        Connection.NO_ACCOUNT: (_("no account"), _WARNING),
    }.get(status.connection, (_("connecting"), _MUTED))
    named = text
    if account := status.account:
        name = sanitize(account.nickname, _MAX_NAME_WIDTH)
        is_online = status.connection is Connection.ONLINE
        words = _("logged in as {name}") if is_online else _("account {name}: {state}")
        named = words.format(name=name, state=text)
    if status.connection is Connection.ONLINE:
        yield StatusItem(57, (named, text, ""), style)
    elif status.connection in ACCOUNT_CONNECTIONS and not (invocation.is_demo or invocation.host):
        yield StatusItem(90, (_login_text(text, facts), text), style)
    else:
        yield StatusItem(90, (named, text), style)


def _login_text(what: str, facts: StatusFacts) -> str:
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
        N_(
            "The background process was lost and is being restarted. The rows show the last known"
            " state."
        ),
        N_("background process lost, restarting"),
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


def _trouble_items(facts: StatusFacts) -> Iterator[StatusItem]:
    attachment, host = facts.attachment, sanitize(facts.invocation.host, _MAX_HOST_WIDTH)
    trouble, is_cut = attachment.trouble, attachment.state is _S.LOST and bool(host)
    if attachment.is_reachable:
        if trouble:
            yield StatusItem(98, (explain_problem(trouble).text, _("another account")), _BAD)
    elif attachment.state is _S.CONNECTING:
        yield StatusItem(98, (_("Connecting to the engine…"), _("connecting")), _MUTED)
    elif trouble and not is_cut:
        last_words = sanitize(trouble.message.strip().rpartition("\n")[2], 60)
        short = _("The engine cannot be started: {reason}").format(reason=last_words)
        texts = (explain_problem(trouble).text, *([short] if last_words else []))
        texts += (_("The engine cannot be started."),)
        yield StatusItem(98, texts, _BAD)
    else:
        known = {"holder": program_name(attachment.program, attachment.pid), "host": host}
        variants = _CUT_TEXTS if is_cut else _LOST_TEXTS[attachment.state]
        yield StatusItem(98, tuple(_(text).format(**known) for text in variants), _BAD)


def _queue_items(facts: StatusFacts) -> Iterator[StatusItem]:
    """Yield why tasks cannot be saved, and why all links, or those of some folders, wait."""
    status = facts.status
    if problem := status.store_problem:
        yield StatusItem(99, not_saved_texts(problem), _BAD)
    if status.is_paused:
        variants = _("sending paused · {queue.pause} resumes"), _("paused · {queue.pause}")
        yield StatusItem(96, variants, _WARNING)
    elif (hold := status.hold) and (
        facts.invocation.host or hold.kind is not ProblemKind.ACCOUNT_MISSING
    ):
        texts = hold_texts(hold, status.hold_until, facts.now)
        yield StatusItem(80, texts, "$text-warning")  # else the account says it
    if missing := facts.status.missing_folders:
        what = formats.missing_folders_text(missing, facts.folder_names)
        advice = _("{tasks.edit} on one of them chooses another folder.")
        short = _("no such folder: press {tasks.edit} on a waiting link")
        yield StatusItem(75, (join_sentences(what, advice), short), "$text-warning")
    if facts.status.refuses_names:
        why = refused_names_text()
        yield StatusItem(74, (why.text, why.hint), "$text-warning")


def _error_items(facts: StatusFacts) -> Iterator[StatusItem]:
    problem, at, hold = facts.status.last_error, facts.status.last_error_at, facts.status.hold
    if problem is None or (hold and replace(hold, trace_id=problem.trace_id) == problem):
        return
    if problem.kind is ProblemKind.ACCOUNT_MISSING:
        return  # the account's item says it
    when = "" if at is None else formats.ago(facts.now - at)
    yield StatusItem(70, error_texts(problem, when), "$text-error")


def _list_items(facts: StatusFacts) -> Iterator[StatusItem]:
    if not facts.is_complete:
        count = formats.number(sum(facts.counts.values()))
        text = _("loading, {count} tasks so far…").format(count=count)
        yield StatusItem(97, (text, _("loading…")), _WARNING)
    if facts.marked:
        marked = ngettext("{count} marked", "{count} marked", facts.marked)
        yield StatusItem(95, (marked,), "bold $text-accent")
    if facts.is_watching:
        watching = (_("watching the clipboard"), _("clipboard"))
        yield StatusItem(94, watching, "bold $text-accent")
    if collected := facts.collected:
        text = ngettext("{count} new link collected", "{count} new links collected", collected)
        yield StatusItem(93, (text, f"+{formats.number(collected)}"), "$text-accent")


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
