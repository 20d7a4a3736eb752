"""What the parts of the program are built from: settings, environment, profile and files."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.api.client import Pan123Client
from pan123_tui.bootstrap import (
    AppContext,
    engine_client,
    error_message,
    exit_code,
    load_context,
    load_store,
    make_client,
    open_log,
)
from pan123_tui.client import starter
from pan123_tui.client.protocol import Hello
from pan123_tui.config.credentials import login_digest, save_credentials
from pan123_tui.config.schema import Callback
from pan123_tui.config.settings import Settings
from pan123_tui.domain import errors
from pan123_tui.domain.commands import PollNow
from pan123_tui.domain.credentials import AccessToken, ClientPair, Credentials
from pan123_tui.domain.errors import EngineLost, Problem, ProblemKind, StoreUnwritable
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import Endpoint
from pan123_tui.engine.hooks import Hooks
from pan123_tui.engine.http_server import CallbackReceiver
from pan123_tui.engine.push import PushMessages
from pan123_tui.engine.status import EventPublisher
from pan123_tui.programs import dashboard
from pan123_tui.programs.dashboard import build_app
from pan123_tui.programs.engine_process import entrances_of, open_engine, saved_config
from pan123_tui.store import atomic_storage
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.system.log import stop_log
from tests.shell import Shell

VARIABLE = "PAN123_ACCESS_TOKEN"
CONFIG = """
service.create_per_s = 0.5
service.process_per_s = 3
service.max_running = 4
retry.times = 2
retry.after = "20m"
defaults.batch_folders = "date"
arrival.check = false
callback.listen = "127.0.0.1:8123"
callback.public_url = "https://here.example/pan/"
hooks.on_end = ["done"]
notify.push = ["ntfy://topic"]
ui.nonsense = 1
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.configure(CONFIG)
    return made


@pytest.fixture
def context(shell: Shell) -> Iterator[AppContext]:
    yield load_context(shell.environ)
    stop_log()


def of_client(client: object) -> Any:
    assert isinstance(client, Pan123Client)
    return client


def test_the_log_has_the_warnings_and_not_the_account(context: AppContext) -> None:
    open_log(context)
    log = context.paths.log_file.read_text("utf-8")
    assert "ui.nonsense is not known" in log
    assert context.environ["PAN123_ACCESS_TOKEN"] not in log


def test_the_language_is_that_of_the_settings(shell: Shell) -> None:
    load_context(shell.environ | {"PAN123_LANG": "zh"})
    assert i18n.language() == "zh_CN"


def test_the_stored_tasks_are_read_with_the_pause_and_what_is_damaged(
    shell: Shell, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.queue("https://example.com/a.iso")
    shell.store(is_paused=True)
    tasks, damaged, is_paused = load_store(context)
    assert (list(tasks), damaged, is_paused) == ([1], (), True)
    (shell.data / "tasks.json").write_text("{")
    tasks, damaged, is_paused = load_store(context)
    assert (list(tasks), damaged, is_paused) == ([1], ("tasks.json",), False)
    assert (shell.data / "tasks.json").exists(), "reading changes nothing"
    monkeypatch.setattr(atomic_storage, "read_regular", Path.readlink)
    with pytest.raises(StoreUnwritable, match=r"\.json"):
        load_store(context)


@pytest.mark.parametrize(
    ("tried", "variable"),
    [
        (None, "PAN123_ACCESS_TOKEN"),
        (AccessToken("tried-token"), ""),
        (ClientPair("tried-token", "secret"), ""),
    ],
)
def test_a_client_has_the_rates_and_hides_the_account_that_it_uses_or_tries(
    context: AppContext, tried: Credentials | None, variable: str
) -> None:
    client = of_client(make_client(context, tried))
    pacers = client._connection.pacers
    spaces = [1.02 / pacers[it]._interval_s for it in (Endpoint.CREATE, Endpoint.PROCESS)]
    assert spaces == pytest.approx([0.5, 3.0])
    assert client._account_variable == variable
    secret = "tried-token" if tried else context.environ["PAN123_ACCESS_TOKEN"]
    assert client._secrets[0] == secret
    assert redact(f"it has {secret}") == "it has …"
    if isinstance(tried, ClientPair):
        assert client._tokens._cache._path is None, "its secret may be a wrong one"


def test_a_saved_pair_keeps_its_tokens_on_disk(shell: Shell) -> None:
    shell.token = ""
    context = load_context(shell.environ)
    save_credentials(context.paths.config_dir, ClientPair("id", "secret"))
    client = of_client(make_client(context))
    assert client._tokens._cache._path == context.paths.token_cache


def test_what_is_saved_is_used_for_the_service(shell: Shell, context: AppContext) -> None:
    file = context.paths.config_dir / "config.toml"
    file.write_text(file.read_text().replace("create_per_s = 0.5", "create_per_s = 2"))
    saved = saved_config(context)
    assert (saved.settings.service.create_per_s, bool(saved.credentials)) == (2.0, True)
    assert saved.login_variable == "PAN123_ACCESS_TOKEN"
    assert of_client(saved.connect())._connection.pacers[Endpoint.CREATE]._interval_s == 0.51
    bare = saved_config(replace(context, environ={}))
    assert (bare.credentials, bare.login_variable) == (None, "")


def test_the_engine_has_the_workers_of_its_settings(context: AppContext) -> None:
    context = replace(context, paths=context.paths._replace(profile="work"))
    context.paths.ensure_directories()
    known = FolderTree({7: Folder(7, "影视", ROOT_ID)})
    context.paths.folder_cache.write_bytes(msgspec.json.encode(known))
    with FolderLock(context.paths.data_dir, program="engine") as lock:
        engine, server = open_engine(context, EventPublisher(), lock=lock)
        workers: dict[type, Any] = {type(worker): worker for worker in engine._workers}
        assert engine.folders.tree == known
        assert engine._outbox._callback_base == "https://here.example/pan"
        assert workers[Hooks]._commands().on_end == ("done",)
        assert workers[PushMessages]._addresses() == ("ntfy://topic",)
        assert workers[PushMessages]._title == "pan123-tui · work"
        (http,) = entrances_of(engine, load_secret=str)
        (entrance,) = http.entrances
        assert (type(entrance), entrance.address) == (CallbackReceiver, "127.0.0.1:8123")
        assert entrance.engine is engine
        assert workers[type(server)] is server
        login = login_digest(context.environ, context.paths.config_dir, server.hello.id)
        assert server.hello.login == login != ""
        context.paths.config_dir.joinpath("config.toml").write_text("hooks.on_end = ['other']\n")
        engine.config = engine.load_saved()
        assert workers[Hooks]._commands().on_end == ("other",)
        assert workers[PushMessages]._addresses() == ()
        nobody_listens = Callback(public_url="https://here.example")
        context = replace(context, settings=Settings(callback=nobody_listens))
        lock.program = "watch"
        silent, other = open_engine(context, EventPublisher(), lock=lock)
        assert silent._outbox._callback_base == ""
        assert (server._must_listen, other._must_listen) == (True, False)
        assert list(entrances_of(silent, load_secret=str)) == []


@pytest.mark.parametrize(
    ("engines", "ours", "is_told"),
    [
        ({VARIABLE: "a-token"}, {VARIABLE: "a-token"}, False),
        ({VARIABLE: "a-token"}, {VARIABLE: "another"}, True),
        ({}, {VARIABLE: "a-token"}, True),
        ({VARIABLE: "a-token"}, {}, False),
        (None, {VARIABLE: "a-token"}, False),
    ],
)
def test_a_variable_that_names_another_account_than_the_engines_is_told(
    context: AppContext, engines: dict[str, str] | None, ours: dict[str, str], *, is_told: bool
) -> None:
    config_dir = context.paths.config_dir
    login = "" if engines is None else login_digest(engines, config_dir, "e")
    client = engine_client(replace(context, environ=ours))
    told = client._check_account(Hello(id="e", login=login))
    assert told == (Problem(ProblemKind.OTHER_LOGIN, variable=VARIABLE) if is_told else None)


async def test_a_client_that_may_not_start_an_engine_gives_up_and_others_start_it(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []

    def spawned(*options: object) -> None:
        started.append(options)
        raise OSError("no such program")

    monkeypatch.setattr(starter, "spawn_engine", spawned)
    client = engine_client(context, "--demo", may_start=False)
    running = asyncio.create_task(client.run())
    with pytest.raises(EngineLost):
        await client.call(PollNow())
    assert not started
    assert not client._starts_engines
    running.cancel()
    ready = engine_client(context, "--demo")
    running = asyncio.create_task(ready.run())
    with pytest.raises(EngineLost):
        await ready.call(PollNow())
    assert started[0] == (context.paths, context.environ, "--demo")
    running.cancel()


def test_the_app_knows_where_it_is_and_what_it_cannot_check(context: AppContext) -> None:
    client = engine_client(context, may_start=False)
    app = build_app(context, client)
    assert (app.invocation.is_demo, app.invocation.host) == (False, "")
    assert app.live_settings.current == context.settings
    assert app.capabilities.has_symbols
    assert not build_app(context, client, is_ascii=True).capabilities.has_symbols
    assert build_app(context, client, is_demo=True).invocation.tests_from == ""
    assert app.invocation.tests_from == "this machine"
    for elsewhere in ({"is_demo": True}, {"host": "server"}):
        assert build_app(context, client, **elsewhere).live_settings._check_account is None
    assert app.live_settings._check_account is not None


def test_an_account_is_tried_with_the_settings_that_are_entered_beside_it(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def fetch(context: AppContext, credentials: Credentials) -> None:
        tried.extend((context.settings, credentials))

    monkeypatch.setattr(dashboard, "fetch_account", fetch)
    app = build_app(context, engine_client(context, may_start=False))
    other = replace(context.settings.service, base_url="https://other.example")
    entered = [replace(context.settings, service=other), AccessToken("a-token")]
    assert app.live_settings._check_account is not None
    app.live_settings._check_account(*cast("Any", entered))
    assert tried == entered


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (errors.AccountMissing(), 3, "log in"),
        (errors.TokenRefused("gone", code=401), 3, "gone"),
        (errors.ProfileMissing("no such profile"), 3, "no such profile"),
        (errors.OtherAccount(), 3, "account"),
        (errors.SettingsInvalid("config.toml: ui.theme"), 2, "config.toml: ui.theme"),
        (errors.StoreVersionTooNew("schema 2"), 2, "a newer version of this program. Update"),
        (
            errors.StoreLocked("watch", pid=7),
            4,
            "Another pan123-tui (pid 7) is using this data folder.",
        ),
        (errors.StoreLocked("engine", pid=7, is_silent=True), 4, "(pid 7) does not answer"),
        (errors.EngineLost("cut"), 4, "cut"),
        (errors.EngineAbsent(), 4, "no engine runs"),
        (errors.HostUnreachable(errors.HostTrouble.NO_SSH, host="there"), 4, "OpenSSH"),
        (errors.StoreUnwritable("/data: full"), 1, "so nothing was done: /data: full"),
        (errors.StoreLost("/data"), 1, "/data"),
        (errors.RateLimited("slow", code=429), 1, "slow"),
        (FileNotFoundError(2, "No such file or directory", "a"), 1, "a: No such file or directory"),
        (OSError("broken"), 1, "broken"),
        (ValueError("a fault"), 1, ""),
    ],
    ids=repr,
)
def test_each_error_has_message_and_code(error: Exception, code: int, message: str) -> None:
    assert exit_code(error) == code
    said = error_message(error)
    assert (message.casefold() in said.casefold(), bool(said)) == (True, bool(message)), said
    assert not (isinstance(error, errors.StoreLost) and "so nothing was done" in said)
