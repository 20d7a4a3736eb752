"""`engine --stdio`: what `pan123-tui --host` runs on the other machine."""

import os
import signal
import socket
import threading
import time

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.commands import language_option
from pan123_tui.cli.watch import HeadlessRunner
from pan123_tui.domain.errors import StoreLocked
from pan123_tui.engine.remote.stdio import connect_to_engine, relay
from pan123_tui.engine.status import EventPublisher
from pan123_tui.i18n import _
from pan123_tui.store.lock_holder import read_socket

START_TIMEOUT_S = 10.0
"""How long an engine may take until it listens."""
RETRY_INTERVAL_S = 0.02
_STDIN, _STDOUT, _STDERR = range(3)


@click.command(
    "engine",
    help=_(
        "Serve a screen on another machine, where “pan123-tui --host” runs this over ssh.\n\n"
        "It passes on to the program that holds the data, else it runs the engine itself, until"
        " its input ends."
    ),
)
@click.option(
    "--stdio",
    is_flag=True,
    required=True,
    expose_value=False,  # there is no other way yet
    help=_("Use standard input and output."),
)
@language_option
def engine() -> None:
    """Relay the engine's socket until the input ends; run the engine if nobody else does."""
    target = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)  # what is printed must not come between the frames
    context = load_context()
    relaying = _Relay(context, target)
    try:
        HeadlessRunner(context, EventPublisher(), program="engine").run()
    except StoreLocked:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # there is no engine here to end
        relaying.join()
        if not relaying.was_connected:
            raise
    raise click.exceptions.Exit(0 if relaying.was_connected else 1)


class _Relay(threading.Thread):
    """Relays the socket of whoever holds the data, this process or another one."""

    def __init__(self, context: AppContext, target: int) -> None:
        super().__init__(daemon=True, name="stdio")
        self.was_connected = False
        self._app_context = context
        self._target = target
        self.start()

    def run(self) -> None:
        connection = self._connect()
        if connection is not None:
            self.was_connected = True
            with connection:
                relay(connection, _STDIN, self._target)
        os.kill(os.getpid(), signal.SIGTERM)  # the engine of this process ends as `watch` does

    def _connect(self) -> socket.socket | None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                if path := read_socket(self._app_context.paths.data_dir):
                    return connect_to_engine(path)
            except OSError:
                pass  # left by a program that was killed, or not there yet
            time.sleep(RETRY_INTERVAL_S)
        return None
