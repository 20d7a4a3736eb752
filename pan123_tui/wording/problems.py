"""Explain problems: what happened, what to do, and the service's own message."""

from collections.abc import Mapping

from msgspec import Struct

from pan123_tui.domain.errors import Problem, ProblemKind, RequestTrouble
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.service_facts import Meaning, meaning_of
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import N_, _, join_list, join_sentences, with_parenthetical

MAX_MESSAGE_CHARS = 400


class Explanation(Struct, frozen=True):
    """One problem in the current language; safe to print, but not markup."""

    summary: str
    hint: str
    details: str = ""
    """The message of the service or system with code and trace id, "" if there is none."""

    @property
    def text(self) -> str:
        return join_sentences(self.summary, self.hint, self.details)


_K, _S = ProblemKind, TaskState
_Key = ProblemKind | Meaning | tuple[ProblemKind, TaskState | None]
_WAIT = N_("Wait a moment.")
_LOG_IN = N_("Log in: press {app.settings} in the dashboard, or run “pan123-tui login”.")
_WHEN_ONE_ENDS = N_("Nothing to do: the next link is sent when a download ends.")
_LOST = (
    N_("No answer came: 123pan may or may not have taken the link."),
    N_("Look in the target folder, then send the link again or remove it."),
)
_NO_ANSWER = (N_("123pan did not answer."), _WAIT)
_RETRIED: dict[_Key, tuple[str, str]] = {
    _K.RATE_LIMITED: (N_("Too many requests."), _WAIT),
    _K.LOGIN_DOUBTFUL: (
        N_("The login's renewal got no usable answer, so the login may be lost."),
        N_("If this lasts, log in with a new refresh token."),
    ),
    _K.LOGIN_UNSAVED: (
        N_(
            "The file with the newest refresh token cannot be used, so the login cannot be renewed."
        ),
        N_("Free up space or fix the permissions."),
    ),
    _K.BROKER_NOT_REACHED: (
        N_("The server that renews the login could not be reached."),
        N_("Check the network."),
    ),
    _K.QUOTA_EXHAUSTED: (
        N_("The account's traffic or quota is used up."),
        N_("Users report 10 GB of traffic a month; the website sells more."),
    ),
    Meaning.CLOUD_QUOTA: (
        N_("123pan says: “{message}”."),
        N_("The website shows what the account may download."),
    ),
    _K.ADDRESS_BLOCKED: (
        N_("123pan blocks this machine's internet address."),
        N_("Use another network, or a proxy: set HTTPS_PROXY, then start the engine again."),
    ),
    _K.SERVICE_UNAVAILABLE: (N_("123pan is unavailable at the moment."), _WAIT),
    _K.FOLDER_NOT_MADE: (
        N_("The folder for this batch could not be made, so its links wait."),
        N_("To send a link now, choose another folder for it."),
    ),
    _K.REQUEST_NOT_SENT: (N_("123pan could not be reached."), N_("Check the network.")),
    _K.ENVIRONMENT_UNUSABLE: (
        N_("123pan cannot be reached: the value of {variable} in the environment cannot be used."),
        N_("Correct or unset it, then run “pan123-tui stop” and start again; the queue is kept."),
    ),
    _K.INVALID_RESPONSE: (
        N_("123pan answered with an error page."),
        N_("A proxy or an outage may be the cause."),
    ),
    (_K.RESPONSE_LOST, _S.RUNNING): _NO_ANSWER,
}
"""Problems of a task or of the queue after which the program tries again automatically."""
_TEXTS = _RETRIED | {
    _K.TOO_MANY_TASKS: (N_("Download limit reached."), _WHEN_ONE_ENDS),
    _K.RUNNING_LIMIT: (N_("The settings allow no more simultaneous downloads."), _WHEN_ONE_ENDS),
    _K.LINK_NOT_PARSED: (
        N_("123pan cannot read this link."),
        N_(
            "Check that it opens without a login and has not expired; {tasks.edit} corrects it and"
            " sends it again."
        ),
    ),
    _K.TOKEN_REFUSED: (N_("123pan refuses the access token."), _LOG_IN),
    _K.LOGIN_REFUSED: (
        N_("The login was refused."),
        N_("Log in with a new refresh token, or check the client ID and secret, if any."),
    ),
    _K.TASK_UNKNOWN: (
        N_("123pan no longer knows this task."),
        N_("Look in the target folder; if the file is not there, retry."),
    ),
    _K.OTHER_ACCOUNT: (
        N_("This task belongs to another account."),
        N_("It is checked again when that account is in use."),
    ),
    _K.FILE_UNKNOWN: (
        N_("This task's file on the drive is not known."),
        N_("{tasks.poll} on the task in the dashboard looks for the file."),
    ),
    _K.ACCOUNT_BLOCKED: (
        N_("The account is not allowed to use the API at the moment."),
        N_("Check on the website whether the developer package has expired. The queue is kept."),
    ),
    _K.FOLDER_MISSING: (
        N_("The target folder no longer exists."),
        N_("Make the folder again, or choose another one for its links; they wait until then."),
    ),
    _K.REQUEST_REJECTED: (
        N_("123pan rejected the request."),
        N_("Its message says why; correct that, then retry."),
    ),
    _K.NAME_REFUSED: (
        N_("123pan refuses the name of this file."),
        N_("{tasks.edit} changes the name or takes it away, and sends the link again."),
    ),
    (_K.NAME_REFUSED, _S.QUEUED): (
        N_("123pan refuses a name, so links with a name wait; the others are sent."),
        N_("{tasks.edit} changes the name of such a link or takes it away."),
    ),
    _K.RESPONSE_LOST: _LOST,
    _K.TASK_ID_TAKEN: _LOST,
    _K.CREATES_UNCLEAR: (
        N_("123pan's answers to new links are unreadable; other requests work."),
        N_(
            "Each try may leave one more link unsure, so tries are far apart; {tasks.poll} tries"
            " now."
        ),
    ),
    _K.ACCOUNT_MISSING: (N_("No account is configured."), _LOG_IN),
    _K.SETTINGS_WAIT: (
        N_("The change takes effect when the link being sent is answered."),
        N_("Nothing to do: checks and screens go on until then."),
    ),
    _K.SETTINGS_INVALID: (
        N_("A setting is invalid."),
        N_("Correct it on the settings screen, in config.toml or in the environment."),
    ),
    _K.INTERRUPTED: _LOST,
    _K.STORE_LOCKED: (
        N_("Another process is using this data folder."),
        N_("End that process, or choose another folder with PAN123_DATA_DIR."),
    ),
    _K.STORE_UNLOCKED: (
        N_("File locks do not work in this data folder."),
        N_("Choose a folder on another file system with PAN123_DATA_DIR."),
    ),
    _K.STORE_VERSION_TOO_NEW: (
        N_("The tasks were saved by a newer version of this program."),
        N_("Update the program; nothing was changed."),
    ),
    _K.STORE_UNWRITABLE: (
        N_("The tasks cannot be saved; they are in memory only."),
        N_("Free up space or fix the permissions; the tasks are then saved automatically."),
    ),
    _K.STORE_LOST: (
        N_("Files in the data folder were moved, deleted or replaced: nothing is sent or saved."),
        N_(
            "Put the files back, or end the engine ({app.end} in the dashboard) and start"
            " pan123-tui again."
        ),
    ),
    _K.STORE_DAMAGED: (
        N_("Some saved tasks, or the record of sent links, could not be read; the rest are shown."),
        N_("Compare the list with your folders; the damaged files are kept in the data folder."),
    ),
    _K.CALLBACK_UNUSABLE: (
        N_("The callback receiver cannot listen on its address."),
        N_("Free the port or change callback.listen; tasks are checked even without callbacks."),
    ),
    _K.ARIA2_UNUSABLE: (
        N_("Links from the browser cannot be taken."),
        N_(
            "In the settings ({app.settings}), choose another address; or free this one, and"
            " switch “Links from the browser” off and on."
        ),
    ),
    _K.ENGINE_LOST: (
        N_("The engine, which sends the links, cannot be reached."),
        N_("Check the list: if this was not done, try again."),
    ),
    _K.ENGINE_NOT_STARTED: (
        N_("The engine, which sends the links, could not be started."),
        N_("What was saved is kept. “pan123-tui doctor” shows where the log is."),
    ),
    _K.SOCKET_UNUSABLE: (
        N_("The engine cannot make its socket: neither the data folder nor TMPDIR can be used."),
        N_("Set TMPDIR to a folder of your own, or PAN123_DATA_DIR to one with a shorter path."),
    ),
    _K.OTHER_LOGIN: (
        N_("The running engine's account is not the one that {variable} names in this shell."),
        N_("“pan123-tui stop” ends the engine; the next one uses this shell's account."),
    ),
    _K.ENGINE_INCOMPATIBLE: (
        N_("The engine and this program are different versions."),
        N_("Start this program again; if that does not help, run “pan123-tui stop” first."),
    ),
    _K.LINK_KNOWN: (
        N_("This link is already in the list."),
        N_("Retry the task that has it, or paste the link to add it once more."),
    ),
    _K.INTERNAL: (
        N_("The program ran into a bug."),
        N_("Your tasks are saved; please report the bug and attach the log."),
    ),
    # For what the table of facts knows more about.
    Meaning.FILE_MISSING: (
        N_("The file does not exist."),
        N_("Check the link; {tasks.edit} corrects it and sends it again."),
    ),
    Meaning.LOGINS_EXCEEDED: (
        N_("The account has too many logins, web and phone included: this one was ended."),
        N_("Log out elsewhere, then run “pan123-tui login”. The queue is kept."),
    ),
    Meaning.CLIENT_WRONG: (
        N_("The client ID or its secret is wrong."),
        N_("Copy both again from the developer console; the queue is kept."),
    ),
    # For problems that did not end their task, hold the queue, or are about no task.
    (_K.RESPONSE_LOST, _S.QUEUED): (
        N_("A link got no answer; the next link is sent once 123pan answers again."),
        N_("Nothing to do: the link that got no answer is not sent again automatically."),
    ),
    (_K.TASK_UNKNOWN, _S.RUNNING): (
        N_("123pan does not know this task at the moment; the program keeps asking."),
        N_("Nothing to do: if this lasts, the task becomes unsure."),
    ),
    (_K.RESPONSE_LOST, None): _NO_ANSWER,
}


def explain_problem(problem: Problem, state: TaskState | None = None) -> Explanation:
    """Return the explanation of `problem`, with the service's own message as details.

    `state` is that of its task: queued for what holds the queue, running for what the engine ran
    into and retries; None: it is about no task, and nothing is tried again automatically.
    """
    key = _key(problem, state)
    what, hint = _TEXTS[key]
    next_step = _(hint)
    if key in _RETRIED and state is not None:
        next_step = join_sentences(next_step, _("The program tries again automatically."))
    variable = sanitize(problem.variable, 40)
    if variable and problem.kind in (_K.REQUEST_NOT_SENT, _K.BROKER_NOT_REACHED):
        proxy = _("The proxy in {variable} may be the cause.").format(variable=variable)
        next_step = join_sentences(proxy, next_step)
    elif variable and problem.kind not in (_K.OTHER_LOGIN, _K.ENVIRONMENT_UNUSABLE):
        change = _(
            "The account comes from {variable}: correct or unset it, then start again. The queue"
            " is kept."
        ).format(variable=variable)
        # Logging in would save an account that is not used.
        next_step = change if hint is _LOG_IN else join_sentences(next_step, change)
    summary = _(what).format(variable=variable, message=_message(problem))
    return Explanation(summary, next_step, _details(problem, is_quoted=key is Meaning.CLOUD_QUOTA))


def refused_names_text() -> Explanation:
    """Return why links with a name wait."""
    return explain_problem(Problem(ProblemKind.NAME_REFUSED), TaskState.QUEUED)


def short_reason(problem: Problem, state: TaskState) -> str:
    """Return what happened in the fewest words: the service's own, if ours only refer to them."""
    key, message = _key(problem, state), _message(problem)
    if key in (_K.REQUEST_REJECTED, Meaning.CLOUD_QUOTA) and message:
        return message
    return _(_TEXTS[key][0]).format(variable=sanitize(problem.variable, 40))


def _key(problem: Problem, state: TaskState | None) -> _Key:
    in_state = problem.kind, _S.RUNNING if state is _S.RETRYING else state
    if in_state in _TEXTS:
        return in_state
    meaning = meaning_of(problem)
    is_silent = meaning is Meaning.CLOUD_QUOTA and not _message(problem)
    return problem.kind if meaning is None or is_silent else meaning


def _message(problem: Problem) -> str:
    return sanitize(problem.message.strip(), MAX_MESSAGE_CHARS)


_TROUBLES: Mapping[str, str] = {
    RequestTrouble.NO_SUCH_HOST: N_("DNS cannot resolve the host name."),
    RequestTrouble.BAD_CERTIFICATE: N_("The certificate cannot be trusted."),
    RequestTrouble.REFUSED: N_("The connection was refused."),
    RequestTrouble.TIMED_OUT: N_("The connection timed out."),
    RequestTrouble.PROXY_ADDRESS: N_(
        "The value is not the address of an http, https or socks5 proxy."
    ),
    RequestTrouble.CUT_OFF: N_("No answer came in time."),
    RequestTrouble.TOKEN_IS_NEW: N_("An access token was requested less than a minute ago."),
    RequestTrouble.TOKEN_LOCKED: N_(
        "Another process has been renewing the access token for too long."
    ),
    RequestTrouble.TOKEN_UNUSABLE: N_("The access token in the answer cannot be used."),
    RequestTrouble.RENEWAL_ADDRESS: N_("The renewal address cannot be used."),
}


def quoted(message: str) -> str:
    """Return what a `RequestTrouble` means; any other `message` stands in quotes."""
    if ours := _TROUBLES.get(message):
        return _(ours)
    text = sanitize(message.strip(), MAX_MESSAGE_CHARS)
    return text and _("“{message}”").format(message=text)


def _details(problem: Problem, *, is_quoted: bool) -> str:
    """`is_quoted`: the summary has the message already."""
    said = "" if is_quoted else quoted(problem.message)
    trace = sanitize(problem.trace_id, 100)
    facts = (code_text(problem), trace and _("trace ID {trace}").format(trace=trace))
    return with_parenthetical(said, join_list(facts)).strip()


def code_text(problem: Problem) -> str:
    return "" if problem.code is None else _("code {code}").format(code=problem.code)
