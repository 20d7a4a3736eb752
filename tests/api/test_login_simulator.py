"""Log-ins through the real client, against the simulator over real HTTP, also through kills."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from pan123_tui.api.client import Pan123Client
from pan123_tui.domain.credentials import RefreshToken
from pan123_tui.domain.errors import LoginRefused, RequestNotSent
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.task import DownloadRequest
from tests.api_stage import client_at, shown_locals
from tests.service.accounts import APP_ID, APP_SECRET, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import World

SERVICE_SPEED = 1.0
URL = "http://host.example/10min/a.bin"


def client_for(
    service: SimulatorServer, login: RefreshToken, cache: Path | None = None
) -> aclosing[Pan123Client]:
    return aclosing(client_at(service.base_url, login, token_cache=cache))


def ways(service: SimulatorServer) -> list[RefreshToken]:
    broker = "/_sim/renew?refresh_ui={refresh_token}&server_use=true&driver_txt=123cloud_oa"
    return [
        RefreshToken(REFRESH_TOKEN, client_id=APP_ID),
        RefreshToken(REFRESH_TOKEN, client_id=APP_ID, client_secret=APP_SECRET),
        RefreshToken(REFRESH_TOKEN, renew_url=service.base_url + broker),
    ]


@pytest.mark.parametrize("way", range(3), ids=["id", "secret", "address"])
async def test_a_log_in_is_renewed_before_it_expires_in_each_way(
    service: SimulatorServer, way: int, tmp_path: Path
) -> None:
    login = ways(service)[way]
    now, cache = 1_800_000_000.0, tmp_path / "login.json"
    client = client_at(service.base_url, login, token_cache=cache, clock=lambda: now)
    async with aclosing(client):
        task_id = await client.create_task(DownloadRequest(URL))
        for _ in range(3):
            now += 7200
            await client.get_progress(task_id)
    assert service.world.logins.renewals == 4
    assert service.world.logins.reused == 0
    assert service.world.stats.requests["process"] == 3, "no call is refused in between"


async def test_a_wrong_app_is_named_without_secret(service: SimulatorServer) -> None:
    login = RefreshToken(REFRESH_TOKEN, client_id=APP_ID, client_secret="wr0ng")
    async with client_for(service, login) as client:
        with pytest.raises(LoginRefused, match="client_id") as caught:
            await client.user_info()
    for shown in (str(caught.value), shown_locals(caught.value)):
        assert "wr0ng" not in shown
        assert REFRESH_TOKEN not in shown
    assert service.world.logins.renewals == 0


async def test_a_renewal_that_nobody_receives_uses_up_nothing(tmp_path: Path) -> None:
    with SimulatorServer(World()) as service:
        login = ways(service)[0]
        async with client_for(service, login, tmp_path / "login.json") as client:
            service.stop()
            with pytest.raises(RequestNotSent) as caught:
                await client.user_info()
    assert type(caught.value) is RequestNotSent


async def test_a_renew_address_that_cannot_be_used_is_told_and_uses_up_nothing(
    service: SimulatorServer,
) -> None:
    login = RefreshToken(REFRESH_TOKEN, renew_url="https://x..y/{refresh_token}")
    async with client_for(service, login) as client:
        with pytest.raises(RequestNotSent) as caught:
            await client.user_info()
    assert REFRESH_TOKEN not in str(caught.value)


async def test_new_tokens_are_redacted_everywhere(service: SimulatorServer) -> None:
    async with client_for(service, ways(service)[0]) as client:
        await client.user_info()
    (access,) = service.world.logins.tokens.logins
    newest = list(service.world.logins.refresh_tokens)[-1]
    assert redact(f"{access.text} and {newest}") == "… and …"


FORKS = """
import asyncio, json, os, signal, sys
from contextlib import aclosing
from pathlib import Path
from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.domain.credentials import ClientPair, RefreshToken
from pan123_tui.domain.errors import Pan123Error

def die_at(step):
    count = 0
    def tick(name):
        nonlocal count
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)
    return tick

def watch(owner, name, tick, *, before=True):
    call = getattr(owner, name)
    def watched(*arguments, **options):
        if before:
            tick(name)
        result = call(*arguments, **options)
        tick(name)
        return result
    setattr(owner, name, watched)

async def renew(order, tick):
    connection = ServiceConnection(order["base_url"], clock=lambda: order["now"])
    login = RefreshToken(order["token"], client_id=order["app"])
    if order["secret"]:
        login = ClientPair(order["app"], order["secret"])
    client = Pan123Client(connection, login, token_cache=Path(order["cache"]))
    fetch = connection.send
    async def send(request, **options):
        is_renewal = "oauth" in request.url.path
        if is_renewal:
            tick("before the request")
        response = await fetch(request, **options)
        if is_renewal:
            tick("the answer is in memory")
        return response
    connection.send = send
    async with aclosing(client):
        await client.user_info()

def child(order):
    tick = die_at(order["step"])
    watch(os, "write", tick, before=False)
    watch(os, "fsync", tick)
    watch(Path, "replace", tick)
    try:
        asyncio.run(renew(order, tick))
    except Pan123Error as error:
        return type(error).__name__
    return "renewed"

for line in sys.stdin:
    orders = json.loads(line)
    pids = []
    for order in orders:
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            os.dup2(writer, 1)
            print(child(order), flush=True)
            os._exit(0)
        os.close(writer)
        pids.append((pid, reader))
    ends = []
    for pid, reader in pids:
        with open(reader) as said:
            ends.append(said.read().strip())
        os.waitpid(pid, 0)
    print(json.dumps(ends), flush=True)
"""
"""Forks a client for each order of a line, which is killed at the step that the order names."""


class Clients:
    """Real processes that fetch the account once each; imports are paid once."""

    def __init__(self, service: SimulatorServer, cache: Path) -> None:
        self.world = service.world
        self.token = REFRESH_TOKEN
        self.now = 1_800_000_000.0
        self.app, self.secret = APP_ID, ""
        self._order = {"base_url": service.base_url, "cache": str(cache)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *steps: int) -> list[str]:
        """Run clients at once, each killed at its step (0: not), and return how they ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        own = {"now": self.now, "token": self.token, "app": self.app, "secret": self.secret}
        orders = [{**self._order, **own, "step": step} for step in steps]
        self._process.stdin.write(json.dumps(orders) + "\n")
        self._process.stdin.flush()
        ends: list[str] = json.loads(self._process.stdout.readline())
        return ends

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def clients(service: SimulatorServer, tmp_path: Path) -> Iterator[Clients]:
    running = Clients(service, tmp_path / "login.json")
    yield running
    running.end()


@pytest.mark.parametrize("endpoint", ["oauth", "access_token"])
def test_two_processes_at_once_renew_once(clients: Clients, endpoint: str) -> None:
    if endpoint == "access_token":
        clients.app, clients.secret = CLIENT_ID, CLIENT_SECRET
    clients.world.faults.add(FaultKind.SLOW, endpoint, times=None, seconds=0.2)
    assert clients.run(0, 0) == ["renewed", "renewed"]
    clients.now += 7200
    clients.world.tokens.expire_all()
    assert clients.run(0, 0) == ["renewed", "renewed"]
    assert clients.world.stats.requests[endpoint] == 2
    assert clients.world.logins.reused == 0


INTENT = ("written", "sync", "synced", "replace", "replaced", "sync folder", "folder synced")
STEPS = ("begin", *INTENT, "request", "answer in memory", *INTENT)
"""What a client does to renew, in its order; it is killed at each of them."""
_ANSWERED = STEPS.index("answer in memory")
UNAVOIDABLE = range(_ANSWERED, STEPS.index("replaced", _ANSWERED))
"""In these the answer dies with the process: the file does not have it yet."""


@pytest.mark.parametrize("kills", [17, pytest.param(270, marks=pytest.mark.slow)])
def test_kills_at_every_step_lose_no_log_in_whose_answer_is_in_the_file(
    clients: Clients, kills: int
) -> None:
    ends: Counter[str] = Counter()
    for number in range(1, kills + 1):
        step = number % len(STEPS)
        clients.now += 7200
        assert clients.run(step) == ([""] if step else ["renewed"]), STEPS[step]
        (after,) = clients.run(0)
        if after == "LoginDoubtful":
            clients.now += 60
            (after,) = clients.run(0)
        ends[after] += 1
        assert (after == "LoginRefused") == (step in UNAVOIDABLE), STEPS[step]
        if after == "LoginRefused":
            clients.token = f"entered-again-{number}"
            clients.world.logins.add(clients.token)
    print(f"{kills} kills: {dict(ends)}, {clients.world.logins.renewals} renewals")
    assert clients.world.logins.reused == ends["LoginRefused"]
    assert clients.world.logins.renewals >= kills * 0.7, "the others used a token that still lived"
