"""Client of the 123pan open API, with one method for each endpoint."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
from msgspec.structs import replace

from pan123_tui.api.auth import ReadyToken, RefreshingToken, fetch_token
from pan123_tui.api.connection import CREATE_READ_S, ServiceConnection
from pan123_tui.api.login import RotatingToken, renew_login
from pan123_tui.api.schemas import (
    CreateFolderResponse,
    CreateTaskRequest,
    CreateTaskResponse,
    DownloadInfo,
    FileDetail,
    FileList,
    TaskProgress,
    UserInfo,
)
from pan123_tui.api.token_cache import TokenCache
from pan123_tui.domain.credentials import (
    AccessToken,
    ClientPair,
    Credentials,
    RefreshToken,
    secrets_of,
)
from pan123_tui.domain.errors import TokenRefused
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import Endpoint
from pan123_tui.domain.task import DownloadRequest

PAGE = 100
"""Entries of a folder in one answer; the service allows no more."""

T = TypeVar("T")


class Pan123Client:
    """Calls the open API with one account; belongs to one event loop.

    Every call raises a `Pan123Error`: `AccountMissing` before anything is sent, `RequestNotSent` if
    certainly nothing was, `ResponseLost` and `InvalidResponse` if the request may have taken
    effect, a `ServiceError` if the service refused it. Only after a 401 is a request sent again,
    once.
    """

    def __init__(
        self,
        connection: ServiceConnection,
        credentials: Credentials | None,
        *,
        token_cache: Path | None = None,
        account_variable: str = "",
    ) -> None:
        """`account_variable` names the environment variable that holds the credentials, if any."""
        self._connection = connection
        self._secrets = secrets_of(credentials)
        self._account_variable = account_variable
        self._has_create_slot = False
        new_cache = partial(TokenCache, token_cache, base_url=connection.base_url)
        clock, turn = connection.clock, connection.pacers[Endpoint.TOKEN].acquire
        self._tokens: ReadyToken | RefreshingToken
        match credentials:
            case None | AccessToken():
                self._tokens = ReadyToken(credentials)
            case ClientPair(client_id):
                fetch = partial(fetch_token, connection, credentials)
                cache = new_cache(account=client_id)
                self._tokens = RefreshingToken(cache, fetch=fetch, clock=clock, turn=turn)
            case RefreshToken(entered):
                renew = partial(renew_login, connection, credentials)
                cache = new_cache(account=entered, is_precious=True)
                self._tokens = RotatingToken(cache, fetch=renew, clock=clock, turn=turn)

    async def aclose(self) -> None:
        self._connection.close()
        await self._tokens.aclose()
        await self._connection.aclose()

    def forget_tokens(self) -> None:
        """Delete the tokens from the disk and keep none there: the user has logged out."""
        self._tokens.forget()

    def pause_s(self, endpoint: Endpoint) -> float:
        """Return how many seconds `endpoint` is paused for after rate refusals, 0 if it is not."""
        return self._connection.pacers[endpoint].pause_s

    def poll_wait_s(self) -> float:
        """Return the seconds until the rate allows `get_progress`, 0 if it already does."""
        return self._connection.pacers[Endpoint.PROCESS].wait_s

    async def wait_for_create_slot(self) -> None:
        """Wait for a token and the create rate, so that the next `create_task` is sent at once."""
        with self._naming_variable():
            await self._tokens.current()
        if not self._has_create_slot:
            await self._connection.pacers[Endpoint.CREATE].acquire()
            self._has_create_slot = True

    async def create_task(self, download: DownloadRequest) -> int:
        """Create an offline task and return its taskID.

        Not idempotent: after `ResponseLost`, or an `InvalidResponse` that may have taken effect,
        the task may exist.
        """
        folder_id = download.folder_id or 0
        body = CreateTaskRequest(download.url, download.name, folder_id, download.callback_url)
        callback = download.callback_url.partition("://")[2]  # its path may be a secret
        created = await self._call(
            Endpoint.CREATE,
            self._connection.post("/api/v1/offline/download", body, read_s=CREATE_READ_S),
            CreateTaskResponse,
            redactor=lambda text: redact(text, (download.url, callback)),
        )
        return created.taskID

    async def get_progress(self, task_id: int) -> Progress:
        request = self._connection.get("/api/v1/offline/download/process", taskID=task_id)
        return (await self._call(Endpoint.PROCESS, request, TaskProgress)).progress()

    async def user_info(self) -> Account:
        request = self._connection.get("/api/v1/user/info")
        return (await self._call(Endpoint.USER_INFO, request, UserInfo)).account()

    async def list_folder(self, parent_id: int, last_id: int = 0) -> FolderPage:
        """Fetch the page of the folder `parent_id`, 0 for the root, after the entry `last_id`."""
        asked = {"parentFileId": parent_id, "limit": PAGE}
        asked |= {"lastFileId": last_id} if last_id else {}
        request = self._connection.get("/api/v2/file/list", **asked)
        return (await self._call(Endpoint.LIST, request, FileList)).page(asked_after=last_id)

    async def file_detail(self, file_id: int) -> Folder | FileEntry:
        """Fetch a folder or file, even from the trash."""
        request = self._connection.get("/api/v1/file/detail", fileID=file_id)
        found = await self._call(Endpoint.DETAIL, request, FileDetail)
        return found.entry(file_id, found.parentFileID)

    async def create_folder(self, name: str, parent_id: int) -> int:
        request = self._connection.post(
            "/upload/v1/file/mkdir", {"name": name, "parentID": parent_id}
        )
        return (await self._call(Endpoint.MKDIR, request, CreateFolderResponse)).dirID

    async def download_url(self, file_id: int) -> str:
        """Fetch a link to a file that works for a while."""
        request = self._connection.get("/api/v1/file/download_info", fileId=file_id)
        return (await self._call(Endpoint.DOWNLOAD, request, DownloadInfo)).downloadUrl

    async def _call(
        self,
        endpoint: Endpoint,
        request: httpx.Request,
        data_type: type[T],
        *,
        redactor: Callable[[str], str] = redact,
    ) -> T:
        """Send `request` signed and within the rate, and return the data of its response.

        Secrets are hidden in functions, because a crash report shows local variables.
        """
        pacer = self._connection.pacers[endpoint]

        def hide_secrets(text: str) -> str:
            return redactor(redact(text, (access.token, *self._secrets)))

        with self._naming_variable():
            # The token comes first: requests that wait for a renewal would otherwise go together.
            access = await self._tokens.current()
            if endpoint is Endpoint.CREATE and self._has_create_slot:
                self._has_create_slot = False
                pacer.mark_sent()  # saving the intent may have taken long
            else:
                await pacer.acquire()
            # The rate comes before the slot: a paused endpoint must not keep others waiting.
            async with pacer.slot:
                await pacer.keep_distance()
                is_again = False
                while True:
                    request.headers["Authorization"] = f"Bearer {access.token}"
                    response = await self._connection.send(request)
                    try:
                        return self._connection.parse(
                            endpoint, response, data_type, redactor=hide_secrets
                        )
                    except TokenRefused:  # it was not carried out
                        other = None if is_again else await self._tokens.replace_rejected(access)
                        if other is None:
                            raise
                    access, is_again = other, True
                    await pacer.acquire_again()

    @contextmanager
    def _naming_variable(self) -> Iterator[None]:
        """Name the account's variable in a refusal, if only changing the variable helps."""
        try:
            yield
        except TokenRefused as error:
            error.problem = replace(error.problem, variable=self._account_variable)
            raise
