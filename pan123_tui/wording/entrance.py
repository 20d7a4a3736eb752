"""What other programs that send links are told."""

from collections.abc import Callable

from pan123_tui.domain.events import Status
from pan123_tui.i18n import N_, _
from pan123_tui.wording.problems import explain_problem

UNAUTHORIZED = "Unauthorized"
"""As aria2 says it, for clients that look for the word."""
RPC_ONLY = N_("This takes JSON-RPC by HTTP POST only, no GET and no WebSocket.")
OTHER_NAME = N_("Call this machine by its IP address, or by its own host name.")
TOO_MANY = N_("Too many calls at once.")
NO_LINK = N_("This is no http or https link.")
NOT_SINGLY = N_("No link can be paused by itself; “pauseAll” pauses sending.")
FRONT_ONLY = N_("Only a link that waits can be moved, and only to the front.")
DONE_ONLY = N_("Only what is done can be removed this way.")
UNSURE = N_("unsure: {reason}")
BATCH = N_("From the browser {time}")


def rpc_url(address: str) -> str:
    """Return where clients send their links, for the `address` that takes them."""
    host, _colon, port = address.rpartition(":")
    if host in ("0.0.0.0", "[::]"):  # noqa: S104 - which is no address to call
        host = _("<IP of this machine>")
    return f"http://{host}:{port}/jsonrpc"


def closed_text(status: Status) -> str:
    """Return that nothing listens, and why: what answers there may be another program."""
    if problem := status.entrance_problem:
        return explain_problem(problem).text
    return _("Links from the browser are not taken at the moment.")


def aria2_texts(status: Status, load_secret: Callable[[], str]) -> tuple[str, str]:
    """Return a warning that nothing listens, or where links go and the secret that they need."""
    if not status.listens_at:
        return closed_text(status), ""
    text = _("{url}, secret {secret} ({settings.copy} copies it)")
    return "", text.format(url=rpc_url(status.listens_at), secret=load_secret())
