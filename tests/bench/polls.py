"""Processor time per poll: the client, and httpx as the tutorials use it."""

import time
from collections.abc import Awaitable, Callable

import httpx

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.rate_limit import Rates
from pan123_tui.domain.credentials import AccessToken
from tests.bench.service import ServiceProcess

TASK_ID = 900_001
PATH = "/api/v1/offline/download/process"
WARM_UP, POLLS = 50, 1000


async def cpu_of_polls() -> tuple[float, float]:
    """Return the milliseconds per poll with a new client for each request, and with ours."""
    with ServiceProcess() as service:
        url = service.environ["PAN123_BASE_URL"]

        async def poll_with_new_client() -> object:
            async with httpx.AsyncClient(base_url=url) as client:
                return (await client.get(PATH, params={"taskID": TASK_ID})).json()

        usual_ms = await _cpu_ms(poll_with_new_client, POLLS // 10)
        client = Pan123Client(
            base_url=url,
            credentials=AccessToken("bench"),
            token_cache=None,
            rates=Rates(process_per_s=1e6),
        )
        async with client:
            return usual_ms, await _cpu_ms(lambda: client.get_progress(TASK_ID), POLLS)


async def _cpu_ms(poll: Callable[[], Awaitable[object]], times: int) -> float:
    for _ in range(WARM_UP):
        await poll()
    started = time.process_time()
    for _ in range(times):
        await poll()
    return 1000 * (time.process_time() - started) / times
