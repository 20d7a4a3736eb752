"""An engine and a program that may have other credentials: neither tells the other its own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from pan123_tui.bootstrap import AppContext, engine_client, load_context, open_engine
from pan123_tui.client.protocol import to_frame
from pan123_tui.config.credentials import save_credentials
from pan123_tui.domain.commands import PollNow
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.store.lock import StoreLock
from tests.engine.remote.stage import socket_path
from tests.engine_stage import EventRecorder

OURS, THEIRS = "the-token-of-this-user", "the-token-of-another"
VARIABLE = "PAN123_ACCESS_TOKEN"
OTHER = Problem(ProblemKind.OTHER_LOGIN, variable=VARIABLE)


def context_of(folder: Path, environ: Mapping[str, str]) -> AppContext:
    folders = {"PAN123_DATA_DIR": str(folder / "data"), "PAN123_CONFIG_DIR": str(folder / "config")}
    return load_context({**folders, "PAN123_BASE_URL": "http://127.0.0.1:9", **environ})


@pytest.mark.parametrize(
    ("saved", "engines", "ours", "trouble"),
    [
        (OURS, {VARIABLE: OURS}, {VARIABLE: OURS}, None),
        (OURS, {VARIABLE: THEIRS}, {VARIABLE: OURS}, OTHER),
        (OURS, {}, {VARIABLE: OURS}, None),
        (OURS, {}, {VARIABLE: THEIRS}, OTHER),
        (None, {}, {VARIABLE: OURS}, OTHER),
    ],
    ids=[
        "same",
        "another one",
        "the saved one",
        "not the saved one",
        "the engine has none",
    ],
)
async def test_a_variable_that_names_another_account_than_the_engines_is_told(
    tmp_path: Path,
    saved: str | None,
    engines: Mapping[str, str],
    ours: Mapping[str, str],
    trouble: Problem | None,
) -> None:
    context = context_of(tmp_path, engines)
    context.paths.ensure_directories()
    save_credentials(context.paths.config_dir, AccessToken(saved) if saved else None)
    with StoreLock(context.paths.data_dir, program="engine") as lock:
        engine, server = open_engine(context, EventRecorder(), program="engine", lock=lock)
        work = asyncio.create_task(engine.run())
        await socket_path(context.paths.data_dir)
        client = engine_client(context_of(tmp_path, ours), may_start=False)
        running = asyncio.create_task(client.run())
        await client.call(PollNow())
        assert client.account_trouble == trouble
        said = to_frame(server.hello)
        assert server.hello.login
        assert OURS.encode() not in said
        assert THEIRS.encode() not in said
        running.cancel()
        engine.stop()
        await asyncio.wait([work, running])
