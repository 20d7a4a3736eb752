"""Texts on the engine: what runs it, its account, and what it leaves undone."""

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _, begin_sentence, join_sentences, ngettext
from pan123_tui.wording.formats import count_downloads, count_links
from pan123_tui.wording.results import paused_text


def program_name(program: str, pid: int | None) -> str:
    """Return the program of a lock's holder in words."""
    names = {"watch": "pan123-tui watch", "engine": _("the engine")}
    name = names.get(program, _("another pan123-tui"))
    return _("{program} (pid {pid})").format(program=name, pid=pid or "?")


def does_not_answer(runner: str, pid: int | None) -> str:
    """Return that `runner` does not answer, and what ends it."""
    text = _(
        "{runner} does not answer. “kill {pid}” ends it, and nothing is lost. If it was"
        " suspended, “kill -CONT {pid}” resumes it."
    )
    return begin_sentence(text.format(runner=runner, pid=pid or "?"))


def keeps_account(runner: str, variable: str) -> str:
    """Return that `runner` does not use the account that was saved, and what helps."""
    text = _(
        "{runner} still uses the account of {variable}, which is set in its environment: start"
        " it again without {variable}."
    )
    return begin_sentence(text.format(runner=runner, variable=variable))


def ignored_account(variable: str, profile: str) -> str:
    """Return that a profile does not use the account in the environment, and what it uses."""
    text = _(
        "{variable} is not used for the profile {name}, which has its own account, set"
        " by “pan123-tui login”."
    )
    return text.format(variable=variable, name=profile)


def rest_texts(
    *,
    running: int,
    unsent: int,
    is_paused: bool,
    has_ended: bool,
    needs_account: bool = False,
    host: str = "",
) -> list[str]:
    """Return what becomes of the tasks after a screen has gone, line by line.

    `has_ended`: so has the engine, which is that on `host` unless that is empty.
    `needs_account`: nothing goes on before a login.
    """
    paused = [paused_text()] if is_paused and unsent and not needs_account else []
    if not (has_ended or needs_account):
        going = 0 if is_paused else unsent
        return [*([_going_on(running, going, host)] if running or going else []), *paused]
    lines = [unwatched(running)] if running else []
    if not unsent:
        return lines
    if needs_account:
        text = _("{links} not sent yet: run “pan123-tui login” first.")
    else:
        text = ngettext(
            "{links} not sent yet: it waits until “pan123-tui” runs again.",
            "{links} not sent yet: they wait until “pan123-tui” runs again.",
            unsent,
        )
    return [text.format(links=count_links(unsent)), *paused, *lines]


def _going_on(running: int, unsent: int, host: str) -> str:
    if running and unsent:
        text = _("{downloads} and {links} go on.")
    elif running:
        text = ngettext("{downloads} goes on.", "{downloads} go on.", running)
    else:
        text = ngettext("{links} goes on.", "{links} go on.", unsent)
    text = text.format(downloads=count_downloads(running), links=count_links(unsent))
    ways = ngettext(
        "“pan123-tui” shows it; “pan123-tui stop” ends the engine.",
        "“pan123-tui” shows them; “pan123-tui stop” ends the engine.",
        running + unsent,
    )
    if host:
        ways = _("On {host}, “pan123-tui stop” ends the engine.").format(host=sanitize(host))
    return join_sentences(text, ways)


def unsent_draft(count: int) -> str:
    """Return that `count` links wait in the draft."""
    return ngettext(
        "{count} link in the draft is not sent.", "{count} links in the draft are not sent.", count
    )


def unwatched(count: int) -> str:
    """Return what becomes of `count` running downloads without an engine."""
    return ngettext(
        "{count} running download goes on at the service, but is not watched.",
        "{count} running downloads go on at the service, but are not watched.",
        count,
    )
