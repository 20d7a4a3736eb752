"""The client of the open API: one method an endpoint, values in, values out."""

import asyncio
import random as _random
import time
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx
import msgspec

from pan123_tui.api.auth import (
    NoCredentials,
    RefreshingToken,
    StaticToken,
    TokenAuth,
    TokenProvider,
)
from pan123_tui.api.rate_limit import Endpoint, RateLimiter, Rates
from pan123_tui.api.responses import invalid_response, parse_response, retry_after_s
from pan123_tui.api.schemas import (
    CreateFolderRequest,
    CreateFolderResponse,
    CreateTaskRequest,
    CreateTaskResponse,
    FileDetail,
    FileList,
    TaskProgress,
    TokenRequest,
    TokenResponse,
    UserInfo,
    parse_time,
)
from pan123_tui.api.token_cache import Token, TokenCache
from pan123_tui.api.transport import open_http
from pan123_tui.domain.credentials import (
    AccessToken,
    ClientPair,
    Credentials,
    is_header_safe,
    secrets_of,
)
from pan123_tui.domain.errors import (
    RateLimited,
    RequestNotSent,
    RequestRejected,
    ResponseLost,
    ServiceError,
    TokenRefused,
)
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.task import DownloadRequest

TOKEN_PATH = "/api/v1/access_token"  # noqa: S105 - a path
CREATE_PATH = "/api/v1/offline/download"
PROCESS_PATH = "/api/v1/offline/download/process"
USER_INFO_PATH = "/api/v1/user/info"
LIST_PATH = "/api/v2/file/list"
DETAIL_PATH = "/api/v1/file/detail"
MKDIR_PATH = "/upload/v1/file/mkdir"
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Raised before the first byte of the request itself is on its way."""

T = TypeVar("T")


class Pan123Client:
    """Calls the open API within its rates; belongs to one event loop.

    Every method raises a `Pan123Error`: `AccountMissing` before anything is sent,
    `NotReached` if surely nothing was, `AnswerLost` and `BadAnswer` if the service may have
    acted, a `ServiceError` if it said no. A request is sent again only after a 401, once.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials | None,
        token_cache: Path | None,
        rates: Rates = Rates(),  # noqa: B008 - a frozen value
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.rate_limiter = RateLimiter(rates, clock=clock, random=random)
        """Says which endpoint is paused, and until when."""
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._clock = clock
        self._secrets = secrets_of(credentials)
        self._is_closing = False
        self._has_turn_to_create = False
        self._on_the_wire = 0
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()
        self._tokens = self._token_provider(credentials, token_cache)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Send nothing more, wait for the answers on their way, and close the connections.

        An answer that is not waited for may be a task that is lost. A renewal is stopped.
        """
        self._is_closing = True
        await self._tokens.aclose()
        await self._is_quiet.wait()
        if "_http" in self.__dict__:
            await self._http.aclose()

    async def wait_for_create_slot(self) -> None:
        """Wait for a token and for a turn, so that the next `create_task` is sent at once."""
        await self._tokens.current()
        if not self._has_turn_to_create:
            await self.rate_limiter.acquire(Endpoint.CREATE)
            self._has_turn_to_create = True

    async def create_task(self, draft: DownloadRequest) -> int:
        """Hand `draft` to the service and give its taskID (specification, section one).

        Not idempotent: after `ResponseLost`, or an `InvalidResponse` with
        `may_have_taken_effect`, the task may exist.
        """
        created = await self._call(
            Endpoint.CREATE,
            self._post(CREATE_PATH, CreateTaskRequest.of(draft)),
            CreateTaskResponse,
            strict=False,  # a taskID is lost for good: one written as text is one too
            tidy=lambda text: redact(text, (draft.url, draft.callback_url)),
        )
        return created.taskID

    def poll_wait_s(self) -> float:
        """Return after how many seconds `get_progress` would be sent at once; 0: now."""
        return self.rate_limiter.wait_s(Endpoint.PROCESS)

    async def get_progress(self, task_id: int) -> Progress:
        """Ask how far the task `task_id` is (specification, section two)."""
        request = self._get(PROCESS_PATH, taskID=task_id)
        return (await self._call(Endpoint.PROCESS, request, TaskProgress)).progress()

    async def user_info(self) -> Account:
        """Tell whose account it is, without its private fields."""
        request = self._get(USER_INFO_PATH)
        return (await self._call(Endpoint.USER_INFO, request, UserInfo)).account()

    async def list_folder(self, parent_id: int, last_id: int = 0, limit: int = 100) -> FolderPage:
        """Give a page of the folder `parent_id` (0: the root), after the entry `last_id`."""
        after = {"lastFileId": last_id} if last_id else {}
        request = self._get(LIST_PATH, parentFileId=parent_id, limit=limit, **after)
        return (await self._call(Endpoint.LIST, request, FileList)).page(asked_after=last_id)

    async def file_detail(self, file_id: int) -> Folder | FileEntry:
        """Fetch the folder or file `file_id`, from the trash too."""
        request = self._get(DETAIL_PATH, fileID=file_id)
        return (await self._call(Endpoint.DETAIL, request, FileDetail)).entry(file_id)

    async def create_folder(self, name: str, parent_id: int) -> int:
        """Make a folder in `parent_id` (0: the root) and give its id."""
        request = self._post(MKDIR_PATH, CreateFolderRequest(name, parent_id))
        return (await self._call(Endpoint.MKDIR, request, CreateFolderResponse)).dirID

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        """Made when first used: its TLS context takes time, and its loop must run."""
        return open_http(self._base_url, self._transport)

    def _get(self, path: str, **params: int) -> httpx.Request:
        return self._http.build_request("GET", path, params=params)

    def _post(self, path: str, body: msgspec.Struct) -> httpx.Request:
        try:
            content = msgspec.json.encode(body)
        except UnicodeEncodeError:
            raise RequestRejected("it holds characters that cannot be sent") from None
        headers = {"Content-Type": "application/json"}
        return self._http.build_request("POST", path, content=content, headers=headers)

    async def _call(
        self,
        endpoint: Endpoint,
        request: httpx.Request,
        promised: type[T],
        *,
        strict: bool = True,
        tidy: Callable[[str], str] = redact,
    ) -> T:
        """Send `request` in its turn, signed; the token comes first, it may take a while."""
        access = await self._tokens.current()
        await self._acquire(endpoint)
        wait_turn = partial(self.rate_limiter.acquire, endpoint)
        auth = TokenAuth(self._tokens, access, wait_turn=wait_turn)
        # The turn comes first: an endpoint that is paused must not keep others waiting.
        async with self.rate_limiter.on_the_wire(endpoint):
            response = await self._exchange(request, auth)
        return self._parse(
            endpoint,
            response,
            promised,
            strict=strict,
            tidy=lambda text: tidy(redact(text, (_token_of(request), *self._secrets))),
        )

    async def _acquire(self, endpoint: Endpoint) -> None:
        if endpoint is Endpoint.CREATE and self._has_turn_to_create:
            self._has_turn_to_create = False
            self.rate_limiter.use_late(endpoint)  # the intent was saved meanwhile
        else:
            await self.rate_limiter.acquire(endpoint)

    async def _exchange(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        if self._is_closing:  # another account took over meanwhile
            raise RequestNotSent("the connection was closed")
        self._on_the_wire += 1
        self._is_quiet.clear()
        try:
            return await self._http.send(request, auth=auth)
        except _NEVER_SENT as error:
            raise RequestNotSent(_words(error)) from None
        except httpx.RequestError as error:
            raise ResponseLost(_words(error)) from None
        finally:
            self._on_the_wire -= 1
            if not self._on_the_wire:
                self._is_quiet.set()

    def _parse(
        self,
        endpoint: Endpoint,
        response: httpx.Response,
        promised: type[T],
        *,
        strict: bool = True,
        tidy: Callable[[str], str],
    ) -> T:
        """Return what was promised, and back off where the service asks for it."""
        try:
            data = parse_response(response, promised, strict=strict, tidy=tidy)
        except RateLimited:
            pause_s = retry_after_s(response, now=self._clock())
            self.rate_limiter.back_off(endpoint, retry_after_s=pause_s)
            raise
        self.rate_limiter.record_success(endpoint)
        return data

    def _token_provider(self, credentials: Credentials | None, path: Path | None) -> TokenProvider:
        match credentials:
            case None:
                return NoCredentials()
            case AccessToken():
                return StaticToken(credentials)
            case ClientPair():
                cache = TokenCache(path, base_url=self._base_url, pair=credentials)
                fetch = partial(self._fetch_token, credentials)
                return RefreshingToken(cache, fetch=fetch, clock=self._clock)

    async def _fetch_token(self, pair: ClientPair) -> Token:
        """Ask for a new token; whatever the service's no is, it refuses the account."""
        await self.rate_limiter.acquire(Endpoint.TOKEN)
        request = self._post(TOKEN_PATH, TokenRequest(pair.client_id, pair.client_secret))
        response = await self._exchange(request, None)
        try:
            granted = self._parse(
                Endpoint.TOKEN,
                response,
                TokenResponse,
                tidy=lambda text: redact(text, (pair.client_secret, pair.client_id)),
            )
        except RateLimited:
            raise
        except ServiceError as error:
            no = error.problem
            raise TokenRefused(no.message, code=no.code, trace_id=no.trace_id) from None
        expires_at = parse_time(granted.expiredAt)
        if expires_at is None or not is_header_safe(granted.accessToken):
            raise invalid_response(response, "an access token that cannot be used")
        return Token(granted.accessToken, expires_at)


def _token_of(request: httpx.Request) -> str:
    """Give the token that `request` was signed with, so that no message repeats it."""
    header: str = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ")


def _words(error: httpx.RequestError) -> str:
    """Say what happened in the system's own words, or at least what kind of thing it was."""
    return redact(str(error)) or type(error).__name__
