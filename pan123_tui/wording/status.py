"""What the dashboard says above and below its list: each text with ever shorter ones."""

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Query
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import _, join_sentences, key_of, ngettext, with_parenthetical
from pan123_tui.wording import formats
from pan123_tui.wording.problems import code_text, explain_problem, facts_text, short_reason

_MAX_REASON_WIDTH = 44


def hold_texts(hold: Problem, until: float | None, now: float) -> tuple[str, ...]:
    """Return why the queue is held, and until when (Unix seconds; None: until a download ends)."""
    explanation, short = (
        explain_problem(hold, TaskState.QUEUED),
        short_reason(hold, TaskState.QUEUED),
    )
    what, reason = explanation.summary, sanitize(short, _MAX_REASON_WIDTH)
    shorter: tuple[str, ...]
    if until is None or hold.kind is ProblemKind.ACCOUNT_MISSING:
        full = _("Waiting: {what} {advice}").format(what=what, advice=explanation.hint)
        is_limit = hold.kind is ProblemKind.RUNNING_LIMIT
        short = _("limit reached") if is_limit else _("waiting for you")
        shorter = _("Waiting: {what}").format(what=what), reason, short
    elif until <= now:
        full = _("Trying again now: {what}").format(what=what)
        shorter = reason, _("trying again now")
    else:
        time = formats.duration(until - now)
        full = _("Waiting: {what} Next try in {time}.").format(what=what, time=time)
        next_try = _("Next try in {time}: {short}").format(time=time, short=short)
        shorter = next_try, reason, _("waiting, next try in {time}").format(time=time)
    return join_sentences(full, explanation.details), full, *shorter


def error_texts(problem: Problem, when: str) -> tuple[str, ...]:
    """Return what went wrong last, and `when`."""
    explanation, code = explain_problem(problem), code_text(problem)
    what = explanation.summary
    full = with_parenthetical(join_sentences(what, explanation.details), when)
    facts = with_parenthetical(what, facts_text(problem))
    return full, facts, with_parenthetical(what, code), code, ""


def not_saved_texts(problem: Problem) -> tuple[str, ...]:
    """Return that the engine cannot save its tasks, and why."""
    explanation = explain_problem(problem)
    what = _("! Not saved: {what}").format(what=explanation.summary)
    return join_sentences(what, explanation.hint), what, _("! not saved")


def search_text(
    search: str, *, hits: int, total: int, is_cleared_next: bool, is_typing: bool
) -> str:
    """Return what a search finds of `total` tasks and, if a key clears it at once, which."""
    found, total_text = formats.number(hits), formats.number(total)
    parts = [_("{hits} of {total}").format(hits=found, total=total_text)]
    if not is_typing:
        parts += [_("{view.back} clears it")] if is_cleared_next else []
        parts.append(f"/ {search}")
    return "  ·  ".join(parts)


def empty_texts(
    total: int,
    status: Status,
    *,
    query: Query,
    in_view: int,
    matches: int = 0,
    is_typing: bool = False,
) -> tuple[str, str]:
    """Return that the list is empty, why, and what to do; other tabs have `matches`."""
    if not total:
        text = _("Press {links.add}, or simply paste links here.")
        kept = _("Links that you add before you log in are kept, and sent afterwards.")
        is_without_account = status.connection is Connection.NO_ACCOUNT
        return _("No downloads yet"), f"{text}\n\n{kept}" if is_without_account else text
    if matches:
        text = ngettext(
            "{count} task in another tab matches: {key} shows it.",
            "{count} tasks in other tabs match: {key} shows them.",
            matches,
        )
        key = key_of("view.show_all")
        text = text.format(key=_("enter, then {key}").format(key=key) if is_typing else key)
    elif host_of(query.search):
        text = _("To add this link, press {view.back}, then paste it again.")
    elif query.search and in_view:
        text = ngettext(
            "The search hides {count} task: {view.back} clears it.",
            "The search hides {count} tasks: {view.back} clears it.",
            in_view,
        )
    elif query.search:
        text = ngettext(
            "{count} task is in another tab: {view.back} clears the search,"
            " then {view.show_all} shows all.",
            "{count} tasks are in other tabs: {view.back} clears the search,"
            " then {view.show_all} shows all.",
            total,
        )
    else:
        text = ngettext(
            "{count} task is in another tab: {view.show_all} shows all.",
            "{count} tasks are in other tabs: {view.show_all} shows all.",
            total - in_view,
        )
    return _("Nothing here"), text
