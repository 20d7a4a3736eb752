"""What other programs that send links are told."""

from pan123_tui.i18n import N_, _

UNAUTHORIZED = "Unauthorized"
"""As aria2 says it, for clients that look for the word."""
RPC_ONLY = N_("This takes JSON-RPC by HTTP POST only, no GET and no WebSocket.")
TOO_MANY = N_("Too many calls at once.")
CANNOT = N_("123pan's open API cannot do this.")
REFUSED = N_("Other programs cannot change the settings or end the engine.")
FRONT_ONLY = N_("Only a link that waits can be moved, and only to the front.")
DONE_ONLY = N_("Only what is done can be removed this way.")
UNSURE = N_("unsure: {reason}")
BATCH = N_("From the browser {time}")


def aria2_text(address: str, secret: str) -> str:
    """Return where clients send their links, and the secret that they need."""
    text = _("http://{address}/jsonrpc, secret {secret} ({settings.copy} copies it)")
    return text.format(address=address, secret=secret)
