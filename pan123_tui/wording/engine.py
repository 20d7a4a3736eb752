"""Texts about the engine: its program and account, what it leaves undone, why it is lost."""

from pan123_tui import __version__
from pan123_tui.domain.errors import HostTrouble, HostUnreachable, Problem
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Status
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import N_, _, join_list, join_sentences, ngettext
from pan123_tui.system.push import PushFailure, PushTrouble, Troubles
from pan123_tui.wording.actions import paused_text
from pan123_tui.wording.formats import count_downloads, count_links
from pan123_tui.wording.problems import explain_problem, quoted

_HOST_TROUBLES = {
    HostTrouble.NO_SSH: N_(
        "ssh cannot be started on this machine. Install OpenSSH, or name another command with"
        " --ssh-command."
    ),
    HostTrouble.SSH_FAILED: N_(
        "ssh could not connect to {host}: see its message above. Try “{command}” until that works."
    ),
    HostTrouble.NO_PROGRAM: N_(
        "{host} cannot find pan123-tui. Install it on that machine, or give its path:"
        " --remote-command '~/.local/bin/pan123-tui'."
    ),
    HostTrouble.OTHER_VERSION: N_(
        "pan123-tui is version {ours} on this machine and {theirs} on {host}. Update both to the"
        " same version."
    ),
    HostTrouble.ENDED: N_(
        "pan123-tui on {host} ended before it was ready. To see why, run “{command}”."
    ),
}


def explain_host(error: HostUnreachable) -> str:
    text = _(_HOST_TROUBLES[error.trouble])
    return text.format(
        host=sanitize(error.host),
        command=sanitize(error.command),
        ours=__version__,
        theirs=sanitize(error.version) or _("another one"),
    )


def program_name(program: str, pid: int) -> str:
    """Return the name of a running program, to begin a sentence with."""
    names = {"watch": "pan123-tui watch", "engine": _("The engine")}
    name = names.get(program, _("Another pan123-tui"))
    return _("{program} (pid {pid})").format(program=name, pid=pid)


def does_not_answer(program: str, pid: int) -> str:
    text = _(
        "{runner} does not answer. “kill {pid}” ends it, and nothing is lost. If it was"
        " suspended, “kill -CONT {pid}” resumes it."
    )
    return text.format(runner=program_name(program, pid), pid=pid)


def keeps_account(program: str, pid: int, variable: str) -> str:
    text = _(
        "{runner} still uses the account of {variable}, which is set in its environment: start"
        " it again without {variable}."
    )
    return text.format(runner=program_name(program, pid), variable=variable)


def rest_texts(
    status: Status, *, running: int, unsent: int, has_ended: bool, host: str = ""
) -> list[str]:
    """Return what becomes of the tasks after a screen, or the engine too, has gone."""
    needs_account = status.connection in ACCOUNT_CONNECTIONS
    variable = sanitize(status.account_variable, 40)
    paused = [paused_text()] if status.is_paused and unsent and not needs_account else []
    if not (has_ended or needs_account):
        going = 0 if status.is_paused else unsent
        return [*([_going_on(running, going, host)] if running or going else []), *paused]
    unwatched = ngettext(
        "{count} download goes on at 123pan and is watched again at the next start.",
        "{count} downloads go on at 123pan and are watched again at the next start.",
        running,
    )
    lines = [unwatched] if running else []
    if not unsent:
        return lines
    text = _("Not sent yet: {links}. Sending continues when “pan123-tui” runs again.")
    if needs_account and host:
        text = _("Not sent yet: {links}. On {host}, “pan123-tui status” says why.")
    elif needs_account and variable:
        text = _("Not sent yet: {links}. Run “pan123-tui stop”, then change {variable}.")
    elif needs_account:
        text = _("Not sent yet: {links}. Sending continues after “pan123-tui login”.")
    said = text.format(links=count_links(unsent), host=sanitize(host), variable=variable)
    return [said, *paused, *lines]


def _going_on(running: int, unsent: int, host: str) -> str:
    downloads, links = count_downloads(running), count_links(unsent)
    both = _("{downloads} and {links}").format(downloads=downloads, links=links)
    what = both if running and unsent else downloads if running else links
    text = _("The engine carries on with {what}.").format(what=what)
    ways = _("“pan123-tui” shows the list; “pan123-tui stop” ends the engine.")
    if host:
        ways = _("On {host}, “pan123-tui stop” ends the engine.").format(host=sanitize(host))
    return join_sentences(text, ways)


def push_test_text() -> str:
    return _("Test: messages from pan123-tui arrive here.")


def push_unsure_text(count: int) -> str:
    return ngettext(
        "{count} link is unsure: did its file arrive?",
        "{count} links are unsure: did their files arrive?",
        count,
    )


def push_login_text() -> str:
    return _("Log in again: 123pan does not accept the account.")


def push_hold_text(hold: Problem) -> str:
    what = explain_problem(hold, TaskState.QUEUED).summary
    return _("The queue waits: {what}").format(what=what)


def push_text(failure: PushFailure, *numbers: int) -> str:
    """Return why the addresses at these places, which are secrets, do not get a message."""
    places = join_list(map(str, numbers))
    status = f"HTTP {failure.http_status}" if failure.http_status else ""
    if reason := join_list((status, quoted(failure.words))):
        text = _("Push failed: {reason}. Check address {number} in notify.push.")
        return text.format(reason=reason.rstrip(".。"), number=places)
    texts = {
        PushTrouble.MISSING: _(
            "Messages need apprise, which is not installed: run “pipx inject pan123-tui apprise”"
            " or, in the clone, “uv tool install '.[push]'”."
        ),
        PushTrouble.INVALID: _(
            "apprise does not know address {number} in notify.push. It knows, for example, "
            "ntfy://TOPIC, schan://SENDKEY, dingtalk://TOKEN, feishu://TOKEN, wecombot://KEY, "
            "pushplus://TOKEN and barks://api.day.app/KEY, or what these services show to be "
            "copied."
        ),
        PushTrouble.REFUSED: _("Address {number} in notify.push did not accept the message."),
    }
    return texts[failure.trouble].format(number=places)


def push_troubles_text(troubles: Troubles) -> str:
    """Return why some addresses get no message, "" if all do."""
    kinds = dict.fromkeys(troubles.values())
    places = ((it, [n for n in troubles if troubles[n] == it]) for it in kinds)
    return join_sentences(*(push_text(failure, *numbers) for failure, numbers in places))


def unsent_draft(count: int) -> str:
    return ngettext(
        "{count} link in the draft is not sent.", "{count} links in the draft are not sent.", count
    )
