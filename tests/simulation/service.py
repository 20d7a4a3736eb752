"""A fake 123pan in memory, as irregular as the real one and independent of the client.

It records which requests came and when, which tasks were created, and what was answered.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum, StrEnum
from random import Random
from typing import Any
from zlib import crc32

import httpx
from starlette.applications import Starlette

EPOCH = 1_700_000_000.0
"""What a right clock shows when a simulation begins."""
ACCESS_TOKEN = "ready-token"
OTHER_ACCOUNTS_TOKEN = "other-token"
CLIENT_ID, CLIENT_SECRET = "client", "secret"
MAX_LIVE_TOKENS = 3
LONGEST_TASK_S = 300.0
_ZONE = timezone(timedelta(hours=8))


class Endpoint(StrEnum):
    """What can be asked."""

    TOKEN = "/api/v1/access_token"
    CREATE = "/api/v1/offline/download"
    PROCESS = "/api/v1/offline/download/process"
    USER_INFO = "/api/v1/user/info"
    LIST = "/api/v2/file/list"


class Trouble(StrEnum):
    """What goes wrong while a fault lasts."""

    UNREACHABLE = "unreachable"
    REQUEST_LOST = "request_lost"
    ANSWER_LOST = "answer_lost"
    SILENT = "silent"
    HTML = "html"
    CUT = "cut"
    GATEWAY = "gateway"
    TOO_OFTEN = "too_often"
    CAP = "cap"
    UNREADABLE = "unreadable"
    QUOTA = "quota"
    LOGIN = "login"
    BUSY = "busy"
    FOLDER_GONE = "folder_gone"
    TOKEN_REFUSED = "token_refused"
    UNKNOWN_TASK = "unknown_task"
    ODD_STATUS = "odd_status"
    SLOW = "slow"


ACCOUNT_WIDE = frozenset({Trouble.QUOTA, Trouble.LOGIN, Trouble.BUSY})
"""Refusals that say nothing of the link."""
_REFUSALS = {
    Trouble.CAP: (2, "任务数超出最大限制,请稍后重试"),
    Trouble.UNREADABLE: (2, "链接解析失败"),
    Trouble.QUOTA: (5113, "流量超限"),
    Trouble.LOGIN: (1, "无效的登录信息"),
    Trouble.BUSY: (500, "服务繁忙"),
    Trouble.FOLDER_GONE: (1, "指定目录ID文件不存在"),
    Trouble.UNKNOWN_TASK: (1, "未找到任务ID"),
}
_OF_CREATE = frozenset({Trouble.CAP, Trouble.UNREADABLE, Trouble.FOLDER_GONE})
_OF_PROCESS = frozenset({Trouble.UNKNOWN_TASK, Trouble.ODD_STATUS})


@dataclass(frozen=True, slots=True)
class Fault:
    """A trouble that lasts, and the part of the requests that it meets."""

    trouble: Trouble
    until: float
    share: float
    creates_only: bool = False

    def meets(self, endpoint: Endpoint) -> bool:
        """Return whether it can happen to a request to `endpoint`."""
        if self.creates_only or self.trouble in _OF_CREATE:
            return endpoint is Endpoint.CREATE
        return self.trouble not in _OF_PROCESS or endpoint is Endpoint.PROCESS


class Fate(StrEnum):
    """What becomes of a link."""

    SUCCESS = "success"
    FAILURE = "failure"
    DELETED = "deleted"


@dataclass(slots=True)
class ServiceTask:
    """One task at the service."""

    id: int
    url: str
    callback_url: str
    made_at: float
    ends_at: float
    retries_until: float
    fate: Fate
    file_id: int
    owner: int = 0
    maker: "Wire | None" = None


@dataclass(slots=True)
class Post:
    """One *create* that reached the service."""

    url: str
    at: float
    fault: Fault | None
    life: int = 0
    """The number of the life that sent it."""
    task_id: int | None = None
    is_refused: bool = False
    """Whether a refusal was handed to the client: surely no task was made."""


@dataclass(slots=True)
class FakeService:
    """The service, over all lives of the program; `now` is the true time in virtual seconds."""

    random: Random
    now: Callable[[], float]
    on_post: Callable[[Post], None]
    on_asked: Callable[[Endpoint, httpx.AsyncBaseTransport], None]
    on_made: Callable[[ServiceTask], None]
    on_token: Callable[[], None]
    faults: list[Fault] = field(default_factory=list)
    tasks: dict[int, ServiceTask] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    requests: int = 0
    cap: int | None = None
    shuns_some: bool = True
    """Whether some links are refused for now, as if the service were ill."""
    longest_task_s: float = LONGEST_TASK_S
    told_at: list[float] = field(default_factory=list)
    """When a harmless call, for the account, was answered as it should be."""
    tokens: dict[str, float] = field(default_factory=dict)
    """The live tokens of the client id, oldest first, and when each ends."""
    strangers: list[int] = field(default_factory=list)
    """TaskIDs that were asked for and never given."""
    misses: dict[int, list[float]] = field(default_factory=dict)
    """When the service said of a taskID that it does not know it."""
    strange: set[int] = field(default_factory=set)
    """TaskIDs that were asked for with the token of another account."""
    _last_id: int = 1000

    def is_of_other_account(self, task_id: int | None) -> bool:
        """Return whether the task was made with the token of the other account."""
        task = self.tasks.get(task_id or 0)
        return task is not None and task.owner != 0

    def running(self) -> int:
        """Count the tasks that have not ended."""
        return sum(task.ends_at > self.now() for task in self.tasks.values())

    def fault_for(self, endpoint: Endpoint) -> Fault | None:
        """Draw what is to happen to a request."""
        now = self.now()
        self.faults = [fault for fault in self.faults if fault.until > now]
        for fault in self.faults:
            if fault.meets(endpoint) and self.random.random() < fault.share:
                return fault
        return None

    def is_signed(self, request: httpx.Request) -> bool:
        """Return whether the request's token is valid."""
        token = _token_of(request)
        is_ready = token in (ACCESS_TOKEN, OTHER_ACCOUNTS_TOKEN)
        return is_ready or self.tokens.get(token, 0.0) > self.now()

    def new_token(self) -> tuple[str, float]:
        """Return a token and when it expires; a fourth invalidates the oldest."""
        self._last_id += 1
        ends_at = self.now() + self.random.uniform(1000, 8000)
        self.tokens[f"token-{self._last_id}"] = ends_at
        self.on_token()
        while len(self.tokens) > MAX_LIVE_TOKENS:
            del self.tokens[next(iter(self.tokens))]
        return f"token-{self._last_id}", ends_at

    def make(self, url: str, callback_url: str) -> ServiceTask:
        """Create a task of `url`, which contains its fate."""
        self._last_id += 1
        now = self.now()
        length_s = self.random.choice((0.0, 1.0, 30.0, self.longest_task_s)) * self.random.random()
        fate = next((fate for fate in Fate if fate in url), Fate.SUCCESS)
        retries = self.random.random() < 0.3
        task = ServiceTask(
            id=self._last_id,
            url=url,
            callback_url=callback_url,
            made_at=now,
            ends_at=now + length_s,
            retries_until=now + length_s / 2 if retries else now,
            fate=fate,
            file_id=self._last_id + 5_000_000,
        )
        self.tasks[task.id] = task
        self.on_made(task)
        return task

    def hurry(self, within_s: float) -> None:
        """Let each task that runs, or begins from now on, end `within_s`, and take each link."""
        self.longest_task_s, self.shuns_some = within_s, False
        for task in self.tasks.values():
            task.ends_at = min(task.ends_at, self.now() + within_s)

    def forget_told(self, *, since: float) -> None:
        """Take an account for untold that a process may not have saved before it was killed."""
        for task in self.tasks.values():
            if task.maker is not None and (task.maker.told_at or 0.0) >= since:
                task.maker.told_at = None

    def progress(self, task: ServiceTask) -> tuple[float, int]:
        """Return the percentage and the status of `task` as they are now."""
        now = self.now()
        if now >= task.ends_at:
            return (0.0, 1) if task.fate is Fate.FAILURE else (100.0, 2)
        percent = round(100 * (now - task.made_at) / (task.ends_at - task.made_at), 1)
        return percent, 3 if now < task.retries_until else 0


class Wire(httpx.AsyncBaseTransport):
    """Carries the requests of one life of the program to the service, and the answers back."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self._random = service.random
        self.told_at: float | None = None
        """When this client has learned whose account it uses."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service, endpoint = self._service, Endpoint(request.url.path)
        fault = service.fault_for(endpoint)
        trouble = fault.trouble if fault else None
        service.requests += 1
        if trouble is Trouble.UNREACHABLE:
            await asyncio.sleep(self._random.uniform(0.01, 10.0))
            raise httpx.ConnectError("refused", request=request)
        service.on_asked(endpoint, self)
        post = self._posted(request, fault) if endpoint is Endpoint.CREATE else None
        acts_late = self._random.random() < 0.5
        if acts_late:
            await self._travel(trouble)
        response = self._answer(endpoint, request, trouble, post)
        if not acts_late:
            await self._travel(trouble)
        if response is None:
            await asyncio.sleep(self._random.uniform(0.0, 30.0))
            raise httpx.ReadError("cut", request=request)
        if trouble is Trouble.SILENT:
            await asyncio.sleep(10_000)
        if endpoint is Endpoint.USER_INFO and b'"uid"' in response.content:
            self.told_at = service.now()
            service.told_at.append(self.told_at)
        if post is not None and post.task_id is None and _is_refusal(response):
            post.is_refused = True
        return response

    async def _travel(self, trouble: Trouble | None) -> None:
        slowest = 45.0 if trouble is Trouble.SLOW else self._random.choice((0.05, 0.3, 3.0))
        await asyncio.sleep(slowest * self._random.random())

    def _posted(self, request: httpx.Request, fault: Fault | None) -> Post:
        post = Post(json.loads(request.content)["url"], self._service.now(), fault)
        self._service.posts.append(post)
        self._service.on_post(post)
        return post

    def _answer(
        self, endpoint: Endpoint, request: httpx.Request, trouble: Trouble | None, post: Post | None
    ) -> httpx.Response | None:
        """Carry the request out and return the answer, if one comes."""
        refusal = self._refusal(endpoint, request, trouble)
        if trouble is Trouble.REQUEST_LOST or refusal is not None:
            return refusal
        acts = trouble not in (Trouble.HTML, Trouble.CUT) or self._random.random() < 0.5
        response = self._act(endpoint, request, trouble, post) if acts else None
        match trouble:
            case Trouble.ANSWER_LOST:
                return None
            case Trouble.HTML:
                status = self._random.choice((200, 500, 502, 504))
                return httpx.Response(status, html="<html><h1>502 Bad Gateway</h1></html>")
            case Trouble.CUT:
                return httpx.Response(200, content=b'{"code":0,"message":"ok","data":{"task')
            case _:
                return response

    def _refusal(
        self, endpoint: Endpoint, request: httpx.Request, trouble: Trouble | None
    ) -> httpx.Response | None:
        """Return the answer to a request that is refused before it is read."""
        if trouble is Trouble.GATEWAY:
            status = self._random.choice((403, 502, 503))
            return httpx.Response(status, json={"message": "no Route matched with those values"})
        if trouble is Trouble.TOO_OFTEN:
            return self._too_often()
        if endpoint is not Endpoint.TOKEN and (
            trouble is Trouble.TOKEN_REFUSED or not self._service.is_signed(request)
        ):
            return self._refused(401, "token is expired", self._random.choice((200, 401)))
        if trouble is Trouble.UNKNOWN_TASK:
            task_id = int(request.url.params["taskID"])
            self._misses(task_id).append(self._service.now())
        words = _REFUSALS.get(trouble) if trouble else None
        return self._refused(*words) if words else None

    def _act(
        self, endpoint: Endpoint, request: httpx.Request, trouble: Trouble | None, post: Post | None
    ) -> httpx.Response:
        service = self._service
        match endpoint:
            case Endpoint.TOKEN:
                token, ends_at = service.new_token()
                expires = datetime.fromtimestamp(EPOCH + ends_at, _ZONE).isoformat()
                return self._fine({"accessToken": token, "expiredAt": expires})
            case Endpoint.CREATE:
                assert post is not None
                return self._create(json.loads(request.content), post, _owner_of(request))
            case Endpoint.PROCESS:
                task_id = int(request.url.params["taskID"])
                return self._process(task_id, trouble, _owner_of(request))
            case Endpoint.USER_INFO:
                return self._fine({"uid": 7 + _owner_of(request), "nickname": "仿真"})
            case Endpoint.LIST:
                return self._fine({"fileList": [], "lastFileId": -1})

    def _create(self, body: dict[str, str], post: Post, owner: int) -> httpx.Response:
        service = self._service
        if service.cap is not None and service.running() >= service.cap:
            return self._refused(*_REFUSALS[Trouble.CAP])
        if service.shuns_some and not crc32(body["url"].encode()) % 8:
            return self._refused(*_REFUSALS[Trouble.BUSY])
        task = service.make(body["url"], body.get("callBackUrl", ""))
        task.owner, task.maker = owner, self
        post.task_id = task.id
        return self._fine({"taskID": self._random.choice((task.id, str(task.id)))})

    def _process(self, task_id: int, trouble: Trouble | None, asker: int) -> httpx.Response:
        service = self._service
        task = service.tasks.get(task_id)
        if task is None:
            service.strangers.append(task_id)
        if task is not None and task.owner != asker:
            service.strange.add(task_id)
        if task is None or task.owner != asker:
            return self._refused(*_REFUSALS[Trouble.UNKNOWN_TASK])
        if task.fate is Fate.DELETED and service.now() >= task.ends_at:
            self._misses(task_id).append(service.now())
            return self._refused(*_REFUSALS[Trouble.UNKNOWN_TASK])
        percent, status = service.progress(task)
        return self._fine({"process": percent, "status": 13 if trouble else status})

    def _misses(self, task_id: int) -> list[float]:
        return self._service.misses.setdefault(task_id, [])

    def _too_often(self) -> httpx.Response:
        headers = {"Retry-After": str(self._random.randint(1, 120))}
        if self._random.random() < 0.5:
            return self._refused(self._random.choice((429, 42902)), "请求太频繁")
        return httpx.Response(429, headers=headers, json={"code": 429, "message": "请求太频繁"})

    def _fine(self, data: object) -> httpx.Response:
        return httpx.Response(200, json={"code": 0, "message": "ok", "data": data})

    def _refused(self, code: int, message: str, status: int = 200) -> httpx.Response:
        body = {"code": code, "message": message, "data": None, "x-traceID": "t"}
        return httpx.Response(status, json=body)


def _token_of(request: httpx.Request) -> str:
    header: str = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ")


def _owner_of(request: httpx.Request) -> int:
    return int(_token_of(request) == OTHER_ACCOUNTS_TOKEN)


def _is_refusal(response: httpx.Response) -> bool:
    """Return whether `response` says for sure that nothing was done."""
    try:
        code = json.loads(response.content).get("code")
    except ValueError:
        return 400 <= response.status_code < 500
    return (code is not None and code != 0) or 400 <= response.status_code < 500


# What comes to the program from outside: callbacks, true or not

GARBLED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"status":"x"}',
    b'{"status":1e400}',
    b"<html>",
)


class Callback(Enum):
    """Who sends a callback."""

    TRUE = "true"
    LIE = "lie"
    """Somebody who knows the secret: says the opposite of what became of the task."""
    FORGED = "forged"
    """Somebody who does not know it."""
    GARBLED = "garbled"

    @classmethod
    def draw(cls, random: Random) -> "Callback":
        """Draw one; most are true."""
        return random.choices((cls.TRUE, cls.LIE, cls.FORGED, cls.GARBLED), (12, 2, 2, 1))[0]


def body_of(callback: Callback, task: ServiceTask, random: Random) -> bytes:
    """Return what `callback` says of `task`."""
    if callback is Callback.GARBLED:
        return random.choice(GARBLED)
    failed = (task.fate is Fate.FAILURE) is not (callback is Callback.LIE)
    file_id = 1 if callback is Callback.FORGED else task.file_id
    facts: dict[str, Any] = {"failReason": "no"} if failed else {"fileID": file_id}
    return json.dumps({"url": task.url, "status": int(failed), **facts}).encode()


async def post(app: Starlette, path: str, body: bytes) -> int:
    """Post `body` to what the program serves, and return the HTTP status."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as http:
        return (await http.post(f"http://localhost/{path}", content=body)).status_code
