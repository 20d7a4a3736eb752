"""Point 2: processor time, including polling and saving."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.api.rate_limit import Endpoint
from pan123_tui.domain.credentials import AccessToken
from tests.bench.figures import Figure
from tests.bench.runs import Scene, ours, usual
from tests.bench.service import ServiceProcess
from tests.bench.stream import cpu_of_stream

SCENES = {
    "100 active": (Scene(active=100), 4.0),
    "1,000 active": (Scene(active=1000), 4.0),
    "1,000 active of 10,000 stored": (Scene(active=1000, ended=9000), 4.0),
    "idle": (Scene(ended=100), 0.2),
}
TASK_ID = 900_001
PATH = "/api/v1/offline/download/process"
WARM_UP, POLLS = 50, 1000


def figures() -> Iterator[Figure]:
    """Measure the share of a core that each scene uses."""
    for name, (scene, limit) in SCENES.items():
        yield Figure(2, name, usual(scene).cpu_percent, ours(scene).cpu_percent, "%", limit)
    usual_ms, ours_ms = asyncio.run(_cpu_of_polls())
    yield Figure(2, "a poll", usual_ms, ours_ms, "ms", 1.2)
    baseline, mine = cpu_of_stream()
    yield Figure(2, "200 changes/s off the screen, without requests", baseline, mine, "%", 5.0)


async def _cpu_of_polls() -> tuple[float, float]:
    """Return the milliseconds per poll with a new client for each request, and with ours."""
    with ServiceProcess() as service:
        url = service.environ["PAN123_BASE_URL"]

        async def poll_with_new_client() -> object:
            async with httpx.AsyncClient(base_url=url) as client:
                return (await client.get(PATH, params={"taskID": TASK_ID})).json()

        usual_ms = await _cpu_ms(poll_with_new_client, POLLS // 10)
        connection = ServiceConnection(url, rates={Endpoint.PROCESS: 1e6})
        client = Pan123Client(connection, AccessToken("bench"))
        async with client:
            return usual_ms, await _cpu_ms(lambda: client.get_progress(TASK_ID), POLLS)


async def _cpu_ms(poll: Callable[[], Awaitable[object]], times: int) -> float:
    for _ in range(WARM_UP):
        await poll()
    started = time.process_time()
    for _ in range(times):
        await poll()
    return 1000 * (time.process_time() - started) / times
