"""Client of the 123pan open API, with one method for each endpoint."""

from pan123_tui.api.files import FileCalls
from pan123_tui.api.rate_limit import Endpoint
from pan123_tui.api.schemas import (
    CreateTaskRequest,
    CreateTaskResponse,
    TaskProgress,
    UserInfo,
)
from pan123_tui.api.transport import create_timeouts
from pan123_tui.domain.events import Account
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.task import DownloadRequest

CREATE_PATH = "/api/v1/offline/download"
PROCESS_PATH = "/api/v1/offline/download/process"
USER_INFO_PATH = "/api/v1/user/info"


class Pan123Client(FileCalls):
    """Calls the open API within its rates.

    Every method raises a `Pan123Error`: `AccountMissing` before anything is sent,
    `RequestNotSent` if surely nothing was, `ResponseLost` and `InvalidResponse` if the request
    may have taken effect, a `ServiceError` if the service refused it.
    """

    _has_create_slot = False

    async def wait_for_create_slot(self) -> None:
        """Wait for a token and the create rate, so that the next `create_task` is sent at once."""
        with self._naming_variable():
            await self._tokens.current()
        if not self._has_create_slot:
            await self.rate_limiter.acquire(Endpoint.CREATE)
            self._has_create_slot = True

    def use_rates(self, *, creates_per_s: float, polls_per_s: float) -> None:
        """Send so many requests per second from now on; pauses stay."""
        self.rate_limiter.use_rate(Endpoint.CREATE, creates_per_s)
        self.rate_limiter.use_rate(Endpoint.PROCESS, polls_per_s)

    def pause_s(self, endpoint: Endpoint) -> float:
        """Return for how many seconds rate refusals forbid `endpoint`, 0 if they do not."""
        until = self.rate_limiter.paused_until(endpoint)
        return 0.0 if until is None else until - self._clock()

    async def create_task(self, download: DownloadRequest) -> int:
        """Create an offline task and return its taskID (`POST /api/v1/offline/download`).

        Not idempotent: after `ResponseLost`, or an `InvalidResponse` that may have taken effect,
        the task may exist.
        """
        created = await self._call(
            Endpoint.CREATE,
            self._post(CREATE_PATH, CreateTaskRequest.of(download), timeout=create_timeouts()),
            CreateTaskResponse,
            redactor=lambda text: redact(text, (download.url, download.callback_url)),
        )
        return created.taskID

    def poll_wait_s(self) -> float:
        """Return the seconds until the rate allows `get_progress`, 0 if it does now."""
        return self.rate_limiter.wait_s(Endpoint.PROCESS)

    async def get_progress(self, task_id: int) -> Progress:
        """Fetch the progress of a task (`GET /api/v1/offline/download/process`)."""
        request = self._get(PROCESS_PATH, taskID=task_id)
        return (await self._call(Endpoint.PROCESS, request, TaskProgress)).progress()

    async def user_info(self) -> Account:
        """Fetch the account without its private fields (`GET /api/v1/user/info`)."""
        request = self._get(USER_INFO_PATH)
        return (await self._call(Endpoint.USER_INFO, request, UserInfo)).account()

    async def _acquire(self, endpoint: Endpoint) -> None:
        if endpoint is Endpoint.CREATE and self._has_create_slot:
            self._has_create_slot = False
            self.rate_limiter.mark_sent(endpoint)  # saving the intent may have taken long
        else:
            await super()._acquire(endpoint)
