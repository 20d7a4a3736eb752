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
def engine(*, stdio: bool) -> None:
    """Run the engine in the background, or reach it for a screen on another machine."""
    if not stdio:
        raise click.exceptions.Exit(run_background_engine())
    target = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)  # what is printed must not come between the frames
    context = load_context()
    context.paths.ensure_directories()
    with asyncio.run(_connect(context)) as connection:
        connection.setblocking(True)
        relay(connection, _STDIN, target)


async def _connect(context: AppContext) -> socket.socket:
    """Return a connection to the engine, which is started if none runs; raises `EngineLost`."""
    _reader, writer = await engine_starter(context).connect(may_start=True)
    return socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno()))
