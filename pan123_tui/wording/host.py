"""Texts for an engine on another machine that was not reached."""

from collections.abc import Mapping

from pan123_tui.domain.errors import HostTrouble, HostUnreachable
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, with_parenthetical

_T = HostTrouble
_TEXTS: Mapping[HostTrouble, str] = {
    _T.NO_SSH: N_(
        "ssh cannot be started on this machine. Install OpenSSH, or name another command with"
        " --ssh-command."
    ),
    _T.SSH_FAILED: N_(
        "ssh could not connect to {host}: its message is above. Try “{command}” until that works."
    ),
    _T.NO_PROGRAM: N_(
        "{host} cannot find pan123-tui. Install it on that machine, or give its path:"
        " --remote-command '~/.local/bin/pan123-tui'."
    ),
    _T.OTHER_VERSION: N_(
        "pan123-tui on {host} is a different version and does not understand this one."
        " Update both to the same version."
    ),
    _T.GREETING_TOO_LONG: N_(
        "{host} prints too much before pan123-tui starts. See what its shell runs at"
        " login, such as ~/.bashrc."
    ),
    _T.ENDED: N_(
        "pan123-tui on {host} ended before it was ready. Try there: ssh -t {host} pan123-tui."
    ),
}


def explain_host(error: HostUnreachable) -> str:
    """Return why the engine on another machine was not reached, and what to do."""
    host = sanitize(error.host)
    text = _(_TEXTS[error.trouble]).format(host=host, command=sanitize(error.command))
    if error.trouble is not _T.ENDED or error.exit_code is None:
        return text
    return with_parenthetical(text, _("exit code {code}").format(code=error.exit_code))
