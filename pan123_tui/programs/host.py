"""The dashboard here on an engine there: `pan123-tui --host user@server`."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.bootstrap import AppContext, open_log
from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.socket_file import is_supported
from pan123_tui.client.ssh import SshLine, SshTarget
from pan123_tui.config.schema import Defaults
from pan123_tui.domain.errors import HostTrouble, HostUnreachable
from pan123_tui.i18n import _
from pan123_tui.programs.errors import print_plain


@contextmanager
def connect_to_host(
    context: AppContext, target: SshTarget
) -> Iterator[tuple[AppContext, EngineClient]]:
    """Yield a client of the engine on `target`, and the settings that count for its screen.

    Raises `HostUnreachable`.
    """
    if not is_supported():
        raise HostUnreachable(HostTrouble.UNSUPPORTED, host=target.host)
    open_log(context)
    line = SshLine(target)
    print_plain(_("Connecting to {host} …").format(host=target.host))
    line.open()
    # The folders of this machine's account are not those of the account there.
    settings = replace(context.settings, defaults=Defaults())
    paths = context.paths._replace(profile=target.profile)
    i18n.use_profile(target.profile)
    try:
        yield (
            replace(context, settings=settings, paths=paths),
            EngineClient(line.connect, may_replace=False),
        )
    finally:
        line.close()
