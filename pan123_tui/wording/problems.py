"""Explain problems: what happened, what to do, and the service's own message."""

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.service_facts import Meaning, find_fact
from pan123_tui.domain.task import ACTIVE_STATES, TaskState
from pan123_tui.i18n import N_, _, join_list, join_sentences, ngettext, with_parenthetical
from pan123_tui.wording.formats import number

MAX_MESSAGE_CHARS = 400


class Explanation(Struct, frozen=True):
    """One problem in the current language; safe to print, but not markup."""

    summary: str
    """What happened, one sentence."""
    hint: str
    """What to do about it; never empty."""
    details: str = ""
    """The message of the service or system with code and trace id, "" if there is none."""

    @property
    def text(self) -> str:
        """Summary, hint and details in one line."""
        return join_sentences(self.summary, self.hint, self.details)


_K = ProblemKind
_Texts = tuple[str, str]
_LOG_IN_AGAIN = N_(
    "Log in again: press , in the dashboard, or run “pan123-tui login”. The queue is kept."
)

_CHANGE_VARIABLE = N_(
    "The account comes from {variable}: correct or unset it, then start again. The queue is kept."
)

_BY_KIND: Mapping[ProblemKind, _Texts] = {
    _K.RATE_LIMITED: (
        N_("Too many requests."),
        N_("Nothing to do: the program slows down and tries again by itself."),
    ),
    _K.TOO_MANY_TASKS: (
        N_("Download limit reached."),
        N_("Nothing to do: the link stays queued and is sent when a place is free."),
    ),
    _K.RUNNING_LIMIT: (
        N_("As many downloads run as the settings allow."),
        N_("Nothing to do: the next link is sent when one ends, or when the settings allow more."),
    ),
    _K.LINK_NOT_PARSED: (
        N_("The service could not read the link."),
        N_("Check that it opens without a login and has not expired, then edit and retry."),
    ),
    _K.TOKEN_REFUSED: (
        N_("The service refuses the access token."),
        _LOG_IN_AGAIN,
    ),
    _K.LOGIN_REFUSED: (
        N_("The log-in was refused."),
        N_(
            "Check client id and secret of the app first; if they are right, the refresh token is"
            " used up or too old: log in again with a new one. The queue stays as it is."
        ),
    ),
    _K.LOGIN_DOUBTFUL: (
        N_("The answer to a renewal of the log-in was lost, and with it perhaps the log-in."),
        N_("It is tried again in a while; log in again if the service then refuses it."),
    ),
    _K.LOGIN_UNSAVED: (
        N_("The file with the newest refresh token cannot be used, so the log-in is not renewed."),
        N_("Make room or mend the permissions; it is tried again by itself."),
    ),
    _K.PACKAGE_ENDING: (
        N_("The account's developer package ends on {date}."),
        N_("Renew it on the web site, or links will wait in the queue from then on."),
    ),
    _K.TASK_UNKNOWN: (
        N_("The service no longer knows this task."),
        N_("Look in the target folder; if the file is not there, retry."),
    ),
    _K.OTHER_ACCOUNT: (
        N_("This task belongs to another account."),
        N_("Nothing to do: it is asked for again when that account is in use."),
    ),
    _K.FILE_UNKNOWN: (
        N_("The file of this task on the drive is not known."),
        N_("The arrival check or a callback tells it; in the dashboard, f5 on its row looks now."),
    ),
    _K.QUOTA_EXHAUSTED: (
        N_("The account's traffic or quota is used up."),
        N_("The queue is kept and tried again by itself; more can be had on the web site."),
    ),
    _K.ACCOUNT_BLOCKED: (
        N_("The account may not use the service's interface now."),
        N_("Look on the web site whether the developer package has run out; the queue is kept."),
    ),
    _K.SERVICE_UNAVAILABLE: (
        N_("The service does not work at the moment."),
        N_("Nothing to do: the queue is kept and tried again by itself."),
    ),
    _K.FOLDER_MISSING: (
        N_("The target folder no longer exists."),
        N_("Choose another folder for its links, or make it again; until then they wait."),
    ),
    _K.FOLDER_NOT_MADE: (
        N_("The folder for this batch could not be made, so its links wait."),
        N_("It is tried again by itself; to send a link now, edit it and choose another folder."),
    ),
    _K.REQUEST_REJECTED: (
        N_("The service rejected the request."),
        N_("Its message says why; edit the link or the name, then retry."),
    ),
    _K.REQUEST_NOT_SENT: (
        N_("The service could not be reached."),
        N_("Check the network; the program keeps trying by itself."),
    ),
    _K.RESPONSE_LOST: (
        N_("The answer got lost: the service may have taken the link, or not."),
        N_("Look in the target folder, then send it again or remove it."),
    ),
    _K.INVALID_RESPONSE: (
        N_("The service answered with an error page."),
        N_("A proxy or an outage may be the cause; the program keeps trying by itself."),
    ),
    _K.TASK_ID_TAKEN: (
        N_("The service answered with the taskID of another task: it may have taken the link."),
        N_("Look in the target folder, then send it again or remove it."),
    ),
    _K.CREATES_UNCLEAR: (
        N_("New links get no readable answer, although the service answers other calls."),
        N_("Each try may leave one more link unconfirmed, so tries are far apart; f5 tries now."),
    ),
    _K.ACCOUNT_MISSING: (
        N_("No account is configured."),
        N_("Log in: press , in the dashboard, or run “pan123-tui login”. The queue is kept."),
    ),
    _K.SETTINGS_INVALID: (
        N_("A setting cannot be used."),
        N_("Correct it in the settings, in config.toml, or in the environment."),
    ),
    _K.INTERRUPTED: (
        N_("The engine ended before the answer came: the link may have been taken, or not."),
        N_("Look in the target folder, then send it again or remove it."),
    ),
    _K.STORE_LOCKED: (
        N_("Another process uses this data folder."),
        N_("Close it, or choose another folder with PAN123_DATA_DIR."),
    ),
    _K.STORE_UNLOCKED: (
        N_("Locks do not work in this data folder."),
        N_("Run one engine at a time, or choose another folder with PAN123_DATA_DIR."),
    ),
    _K.STORE_VERSION_TOO_NEW: (
        N_("The tasks were saved by a newer version of this program."),
        N_("Update the program; nothing was changed."),
    ),
    _K.STORE_UNWRITABLE: (
        N_("The tasks cannot be saved; they live in memory only."),
        N_("Free space or fix the permissions; it is saved again as soon as that works."),
    ),
    _K.STORE_LOST: (
        N_("Files in the data folder were moved, deleted or replaced: nothing is sent or saved."),
        N_("Put them back, or end the engine (Q in the dashboard) and start pan123-tui again."),
    ),
    _K.STORE_DAMAGED: (
        N_("Saved tasks could not be read: the files were set aside; the rest is shown."),
        N_("Compare the list with your folders; the file set aside stands beside it."),
    ),
    _K.CALLBACK_UNUSABLE: (
        N_("The callback receiver cannot listen at its address."),
        N_("Free the port or change callback.listen; tasks are checked all the same."),
    ),
    _K.ENGINE_LOST: (
        N_("The engine, which sends the links, cannot be reached."),
        N_("Its answer may be lost: see in the list whether this was done, then try again."),
    ),
    _K.ENGINE_NOT_STARTED: (
        N_("The engine, which sends the links, could not be started."),
        N_(
            "Without it nothing is queued or changed; what was saved stays. “pan123-tui doctor”"
            " names the log, which says more."
        ),
    ),
    _K.SOCKET_UNUSABLE: (
        N_("The engine finds no place for its socket: data folder and TMPDIR are both unusable."),
        N_("Set TMPDIR to a folder of your own, or PAN123_DATA_DIR to one with a shorter path."),
    ),
    _K.OTHER_LOGIN: (
        N_("The running engine uses a different account from {variable} in this shell."),
        N_("“pan123-tui stop” ends it; the next start from this shell uses the one set here."),
    ),
    _K.ENGINE_INCOMPATIBLE: (
        N_("The engine, which sends the links, is of another version."),
        N_("Start this program again; if that does not help, “pan123-tui stop” ends the engine."),
    ),
    _K.INTERNAL: (
        N_("The program has an error."),
        N_("Your tasks are saved; please report it with the log."),
    ),
}

_BY_MEANING: Mapping[Meaning, _Texts] = {
    Meaning.FILE_MISSING: (
        N_("The file does not exist."),
        N_("Check the link, then edit and retry."),
    ),
    Meaning.TRAFFIC_USED_UP: (
        N_("The account's traffic is used up."),
        N_("A free account gets 10 GB anew each month; the queue is kept and tried by itself."),
    ),
    Meaning.QUOTA_USED_UP: (
        N_("The account's quota of offline downloads is used up."),
        N_("The queue is kept and tried again by itself; more can be had on the web site."),
    ),
    Meaning.LOGINS_EXCEEDED: (
        N_("The account has too many log-ins, web and phone included: this one was ended."),
        N_(
            "Log out elsewhere, then log in here: press , in the dashboard, or run"
            " “pan123-tui login”. The queue is kept."
        ),
    ),
    Meaning.TOKEN_EXPIRED: (
        N_("The access token has expired."),
        _LOG_IN_AGAIN,
    ),
    Meaning.CLIENT_WRONG: (
        N_("The client id or its secret is wrong."),
        N_("Copy both again from the developer console; the queue is kept."),
    ),
    Meaning.REFRESH_TOKEN_REFUSED: (
        N_("The log-in has ended: its refresh token is refused."),
        N_("Log in again with a new refresh token; the queue stays as it is."),
    ),
    Meaning.FOLDER_NAME_TAKEN: (
        N_("A folder of this name already exists."),
        N_("Choose it, or take another name."),
    ),
    Meaning.HEADER_MISSING: (
        N_("The service misses a header that this program always sends."),
        N_("A proxy may remove it; ask whoever runs it."),
    ),
}
"""Explanations that are more exact than the kind's."""

_HINTS_WHILE_QUEUED: Mapping[ProblemKind, str] = {
    _K.LINK_NOT_PARSED: N_(
        "Nothing to do: it is tried twice more, once percent-encoded, before it is rejected."
    ),
}

_WHILE_ACTIVE: Mapping[ProblemKind, _Texts] = {
    _K.TASK_UNKNOWN: (
        N_("The service does not know this task at the moment: it is asked again."),
        N_("Nothing to do: it is called missing if this lasts for at least five minutes."),
    ),
    _K.RESPONSE_LOST: (
        N_("The service did not answer."),
        N_("Nothing to do: the program asks again by itself."),
    ),
}
"""Explanations of a problem that has not ended its task, or is about none."""
_HINTS_ONCE: Mapping[ProblemKind, str] = {
    _K.RATE_LIMITED: N_("Try again later."),
    _K.REQUEST_NOT_SENT: N_("Check the network."),
    _K.RESPONSE_LOST: N_("Try again later."),
    _K.INVALID_RESPONSE: N_("A proxy or an outage may be the cause."),
    _K.SERVICE_UNAVAILABLE: N_("Try again later."),
    _K.QUOTA_EXHAUSTED: N_(
        "A free account gets 10 GB anew each month; more can be had on the web site."
    ),
}

_OWN_WORDS = frozenset(
    {
        "no answer in time",
        "no engine runs on the data folder",
        "no update in time",
        "the connection ended",
        "the connection was closed",
        "the engine was another one",
        "this program left the engine",
    }
)
"""Messages of this program, in English, that tell no more than the explanation."""
_LIBRARY_WORDS = re.compile(
    r"(access token: )?([A-Z]\w+(Error|Timeout)|Server disconnected without sending a response\."
    r"|All connection attempts failed|peer closed connection without sending complete .+)"
    r"|\d+ bytes read on a total of .+"
)
"""What httpx and asyncio say where the system says nothing."""
_SERVICE_KINDS = frozenset({_K.REQUEST_REJECTED, _K.TOKEN_REFUSED})
"""Kinds that any known code or message makes more exact, as tasks of older versions need."""


def explain_problem(
    problem: Problem, state: TaskState | None = None, *, is_repeated: bool = False
) -> Explanation:
    """Return the explanation of `problem`, with the service's own message as details.

    `state` is that of its task, which may be tried or asked for again by itself; None: it is about
    none. Only what `is_repeated` is then said to be tried again.
    """
    summary, hint = _find_texts(problem, state)
    if problem.variable:
        change = _(_CHANGE_VARIABLE).format(variable=sanitize(problem.variable, 40))
        former = "" if "login" in hint else _(hint)  # which saves an account that is not used
        return Explanation(_(summary), join_sentences(former, change), _details(problem))
    if problem.kind in (_K.PACKAGE_ENDING, _K.OTHER_LOGIN):
        told = sanitize(problem.message, 40)
        return Explanation(_(summary).format(date=told, variable=told), _(hint))
    if state is TaskState.QUEUED:
        hint = _HINTS_WHILE_QUEUED.get(problem.kind, hint)
    if state is None and not is_repeated:
        hint = _HINTS_ONCE.get(problem.kind, hint)
    return Explanation(_(summary), _(hint), _details(problem))


def short_reason(problem: Problem, state: TaskState) -> str:
    """Return what happened in the fewest words: the service's own where ours only point to them.

    `state` is that of its task.
    """
    texts = _find_texts(problem, state)
    if texts is _BY_KIND[_K.REQUEST_REJECTED] and (message := problem.message.strip()):
        return sanitize(message, MAX_MESSAGE_CHARS)
    return _(texts[0])


def explain_hold(problem: Problem, *, running: int = 0) -> Explanation:
    """Return the explanation of `problem` as the reason why the queue is held.

    `running` is the number of tasks that run at the service.
    """
    explanation = explain_problem(problem, is_repeated=True)
    if problem.kind in (_K.TOO_MANY_TASKS, _K.RUNNING_LIMIT) and running:
        text = ngettext(
            "Download limit reached: {count} runs now.",
            "Download limit reached: {count} run now.",
            running,
        )
        return replace(explanation, summary=text.format(count=number(running)))
    if problem.kind is not _K.RESPONSE_LOST:
        return explanation
    summary = _("The answer to a link got lost; the next one is sent once the service answers.")
    hint = _("Nothing to do: the link whose answer got lost is not sent again by itself.")
    return Explanation(summary, hint, explanation.details)


def _find_texts(problem: Problem, state: TaskState | None) -> _Texts:
    """Return summary and hint: by the table of facts where it knows more, else by kind."""
    is_going_on = state in ACTIVE_STATES or (state is None and problem.kind is _K.RESPONSE_LOST)
    if is_going_on and problem.kind in _WHILE_ACTIVE:
        return _WHILE_ACTIVE[problem.kind]
    texts = _BY_KIND[problem.kind]
    fact = find_fact(problem.code, problem.message[:MAX_MESSAGE_CHARS])
    if fact is None or problem.kind not in {*_SERVICE_KINDS, fact.error.kind}:
        return texts
    return _BY_MEANING.get(fact.meaning) or _BY_KIND[fact.error.kind]


def _details(problem: Problem) -> str:
    """Return the quoted message with the code and the trace id, which support asks for."""
    message = sanitize(message_of(problem), MAX_MESSAGE_CHARS)
    quoted = message and _("“{message}”").format(message=message)
    return with_parenthetical(quoted, facts_text(problem)).strip()


def message_of(problem: Problem) -> str:
    """Return the message of the service or system, "" where it tells no more than our own words."""
    message = problem.message.strip()
    is_ours = message in _OWN_WORDS or _LIBRARY_WORDS.fullmatch(message)
    return "" if is_ours else message


def code_text(problem: Problem) -> str:
    """Return the code of the service's answer in words, "" without one."""
    return "" if problem.code is None else _("code {code}").format(code=problem.code)


def facts_text(problem: Problem) -> str:
    """Return the code and the trace id in words, "" without them."""
    trace = sanitize(problem.trace_id, 100)
    return join_list((code_text(problem), trace and _("trace id {trace}").format(trace=trace)))
