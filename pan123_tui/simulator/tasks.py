"""Downloads on the service's side: the create request, the task, its callback."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pan123_tui.simulator.faults import numbers_as_text
from pan123_tui.simulator.responses import bad_request
from pan123_tui.simulator.scenarios import Scenario, Snapshot

FORBIDDEN = frozenset('"\\/:*?|><')
MAX_NAME = 255
IMAGE_SUFFIXES = (".png", ".gif", ".jpeg", ".tiff", ".webp", ".jpg", ".tif", ".svg", ".bmp")


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """The body of a create; None: omitted."""

    url: str
    file_name: str | None = None
    dir_id: int | None = None
    callback_url: str | None = None

    @property
    def saved_as(self) -> str:
        """The name of the file."""
        if self.file_name:
            return self.file_name
        parts = urlsplit(self.url)
        last = unquote(parts.path.rstrip("/").rpartition("/")[2])
        name = "".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in last)
        return name[:MAX_NAME] or parts.hostname or "download"


def parse_create_request(body: Mapping[str, Any], *, strict_names: bool = False) -> CreateRequest:
    """Parse the body of a create; raises `Refusal`, code 1, for the first error."""
    return CreateRequest(
        _url(body),
        _file_name(body, strict=strict_names),
        _dir_id(body),
        _callback_url(body),
    )


def _url(body: Mapping[str, Any]) -> str:
    url = body.get("url")
    if not isinstance(url, str) or not url.strip():
        raise bad_request("url不能为空")
    if not _is_web_link(url):
        raise bad_request("仅支持http/https协议的离线下载")
    return url


def _file_name(body: Mapping[str, Any], *, strict: bool) -> str | None:
    if "fileName" not in body:
        return None
    name = body["fileName"]
    if not isinstance(name, str) or not name.strip():
        raise bad_request("文件名不能为空")
    if len(name) > MAX_NAME or FORBIDDEN.intersection(name):
        raise bad_request('文件名要小于256个字符且不能包含以下任何字符："\\/:*?|><')
    if strict and not name.lower().endswith(IMAGE_SUFFIXES):
        raise bad_request("文件名需携带支持的图片格式")
    return name


def _dir_id(body: Mapping[str, Any]) -> int | None:
    if "dirID" not in body:
        return None
    dir_id = body["dirID"]
    if isinstance(dir_id, str) and dir_id.isdecimal():
        dir_id = int(dir_id)
    if not isinstance(dir_id, int) or isinstance(dir_id, bool):
        raise bad_request("dirID必须为数字")
    if dir_id < 0:
        raise bad_request("不支持下载到根目录")
    return dir_id or None  # 0 lands in the default folder, against the specification


def _callback_url(body: Mapping[str, Any]) -> str | None:
    if "callBackUrl" not in body:
        return None
    url = body["callBackUrl"]
    if not isinstance(url, str) or not _is_web_link(url):
        raise bad_request("callBackUrl格式错误")
    return url


def _is_web_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback to send: address and JSON body."""

    task_id: int
    to: str
    body: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class SimTask:
    """A task; times are Unix seconds of the simulated clock unless noted."""

    id: int
    client_id: str
    request: CreateRequest
    scenario: Scenario
    created_at: float
    created_real_at: float
    """By the real clock."""
    file_id: int = 0
    """Its file in the folder; 0: none yet."""
    is_finished: bool = False
    """Its end was processed: the file is in the folder, the callback is scheduled."""

    def snapshot(self, now: float) -> Snapshot:
        """Return percentage and status at `now`."""
        return self.scenario.script.snapshot_at(now - self.created_at)

    @property
    def ends_at(self) -> float | None:
        end = self.scenario.script.ends_at
        return None if end is None else self.created_at + end

    @property
    def stops_running_at(self) -> float | None:
        """When it stops counting as running: its end, or when it is forgotten."""
        forgotten = self.scenario.script.forgotten_at
        return self.ends_at if forgotten is None else self.created_at + forgotten

    def is_forgotten(self, now: float) -> bool:
        forgotten = self.scenario.script.forgotten_at
        return forgotten is not None and now >= self.created_at + forgotten

    def callback(self) -> Callback:
        """Return the callback of its end (specification, section one, (二) 3)."""
        succeeded = self.scenario.script.succeeds
        reason = "" if succeeded else self.scenario.fail_reason
        plan = self.scenario.callback
        body = {
            "url": self.request.url,
            "status": 0 if succeeded else 1,
            plan.reason_field: reason,
            "fileID": self.file_id,
        }
        return Callback(
            task_id=self.id,
            to=self.request.callback_url or "",
            body=numbers_as_text(body) if plan.has_text_numbers else body,
        )

    def describe(self, now: float) -> dict[str, Any]:
        """Return all fields, for the control calls."""
        snapshot = self.snapshot(now)
        return {
            "task_id": self.id,
            "client_id": self.client_id,
            "url": self.request.url,
            "file_name": self.request.file_name,
            "dir_id": self.request.dir_id,
            "callback_url": self.request.callback_url,
            "percent": snapshot.percent,
            "status": snapshot.status,
            "forgotten": self.is_forgotten(now),
            "created_at": self.created_at,
            "created_real_at": self.created_real_at,
            "ends_at": self.ends_at,
            "file_id": self.file_id,
        }
