"""The dashboard here on an engine there: `pan123-tui --host user@server`."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.bootstrap import AppContext, open_log
from pan123_tui.cli.wrapping import print_fitted
from pan123_tui.config.schema import Defaults
from pan123_tui.domain.errors import HostTrouble, HostUnreachable
from pan123_tui.domain.task import UNSENT_STATES
from pan123_tui.engine.remote.client import SocketClient
from pan123_tui.engine.remote.socket_file import is_supported
from pan123_tui.engine.remote.ssh import SshLine, SshTarget
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import count_links

if TYPE_CHECKING:
    from pan123_tui.engine.remote.protocol import Hello


@contextmanager
def connect_to_host(
    context: AppContext, target: SshTarget
) -> Iterator[tuple[AppContext, SocketClient]]:
    """Yield a client of the engine on `target`, and the settings that count for its screen.

    Raises `HostUnreachable`.
    """
    if not is_supported():
        raise HostUnreachable(HostTrouble.UNSUPPORTED, host=target.host)
    open_log(context)
    line = SshLine(target)
    print_fitted(_("Connecting to {host} …").format(host=target.host))
    line.open()
    # The folders of this machine's account are not those of the account there.
    settings = replace(context.settings, defaults=Defaults())
    paths = context.paths._replace(profile=target.profile)
    i18n.use_profile(target.profile)
    try:
        yield replace(context, settings=settings, paths=paths), SocketClient(line.connect)
    finally:
        line.close()


def print_unsent(
    target: SshTarget, engine: "Hello | None", counts: Mapping[str, int], *, held: int
) -> None:
    """Print which links wait, but for `held` ones, where the engine has ended with the line."""
    unsent = sum(counts.get(state, 0) for state in UNSENT_STATES) - held
    if not unsent or engine is None or engine.program != "engine":
        return
    text = ngettext(
        "{links} on {host} not sent yet: it waits until the next “--host”, or until “{command}”.",
        "{links} on {host} not sent yet: they wait until the next “--host”, or until “{command}”.",
        unsent,
    )
    command = shlex.join([*target.ssh, target.host, f"{target.program} watch --detach"])
    print_fitted(text.format(links=count_links(unsent), host=target.host, command=command))
