"""`engine`, which users need not call: the background engine, and its connection over ssh."""

import asyncio
import os
import socket

import click

from pan123_tui.bootstrap import AppContext, engine_starter, load_context
from pan123_tui.client.ssh import relay
from pan123_tui.programs.engine import run_background_engine

_STDIN, _STDOUT, _STDERR = range(3)


@click.command("engine", hidden=True)
@click.option("--stdio", is_flag=True)
@click.option("--demo", is_flag=True)
def engine(*, stdio: bool, demo: bool) -> None:
    """Run the engine in the background, or reach it for a screen on another machine."""
    if not stdio:
        raise click.exceptions.Exit(run_background_engine(is_demo=demo))
    target = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)  # what is printed must not come between the frames
    with _connect(load_context()) as connection:
        relay(connection, _STDIN, target)


def _connect(context: AppContext) -> socket.socket:
    """Return a connection to the engine, which is started if none runs; raises `EngineLost`."""

    async def connect() -> socket.socket:
        _reader, writer = await engine_starter(context).connect(may_start=True)
        connected: socket.socket = writer.get_extra_info("socket")
        return socket.socket(fileno=os.dup(connected.fileno()))

    context.paths.ensure_directories()
    connection = asyncio.run(connect())
    connection.setblocking(True)
    return connection
