"""What a call sends and how it is answered: arguments, the envelope, refusals."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

FORBIDDEN = frozenset('"\\/:*?|><')
MAX_NAME = 255


@dataclass
class Refusal(Exception):
    """A refusal by the service, in the body of an HTTP 200."""

    code: int
    message: str


def bad_request(message: str) -> Refusal:
    """Return the general refusal, code 1."""
    return Refusal(1, message)


NO_PLATFORM = "Please include the platform field in the request header"
TOKEN_UNKNOWN = "access Token Invalid"  # noqa: S105 - the service's words
TOO_MANY_TASKS = "同时下载的任务超出最大限制，不能下载"
LINK_UNREADABLE = "解析失败"
NOT_FOUND = "文件不存在"
FOLDER_MISSING = "指定目录ID文件不存在"
PARENT_MISSING = "父级文件ID不存在"
TASK_UNKNOWN = "未找到任务ID"
SAME_NAME = "该目录下已经有同名文件夹,无法进行创建"


def trace_ids() -> Iterator[str]:
    """Yield trace ids in the specification's format, the same ones in each run."""
    for number in count(1):
        yield f"{uuid.UUID(int=number << 64)}_kong-db-5898fdd8c6-t5pvc"


def envelope(
    data: Mapping[str, Any] | None, trace_id: str, *, code: int = 0, message: str = "ok"
) -> dict[str, Any]:
    return {"code": code, "message": message, "data": data, "x-traceID": trace_id}


def json_object(content_type: str, raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; raises `Refusal`."""
    if not content_type.startswith("application/json"):
        raise bad_request("Content-Type必须为application/json")
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("请求参数错误")
    return body


def number_in(arguments: Mapping[str, Any], name: str) -> int:
    """Return an integer argument, given as a number or as query text; raises `Refusal`."""
    value = arguments.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    raise bad_request(f"{name}必须为数字")


def checked_name(name: object, what: str) -> str:
    """Return the name of a file or folder; raises `Refusal`."""
    if not isinstance(name, str) or not name.strip():
        raise bad_request(f"{what}不能为空")
    if len(name) > MAX_NAME or FORBIDDEN.intersection(name):
        raise bad_request(f'{what}要小于256个字符且不能包含以下任何字符："\\/:*?|><')
    return name


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """The body of a create; None: omitted."""

    url: str
    file_name: str | None = None
    dir_id: int | None = None
    callback_url: str | None = None

    @property
    def saved_as(self) -> str:
        if self.file_name:
            return self.file_name
        parts = urlsplit(self.url)
        last = unquote(parts.path.rstrip("/").rpartition("/")[2])
        name = "".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in last)
        return name[:MAX_NAME] or parts.hostname or "download"


def parse_create_request(body: Mapping[str, Any]) -> CreateRequest:
    """Parse the body of a create; raises `Refusal`, code 1, for the first error."""
    url, callback_url = body.get("url"), body.get("callBackUrl")
    if not isinstance(url, str) or not url.strip():
        raise bad_request("url不能为空")
    if not _is_web_link(url):
        raise bad_request("仅支持http/https协议的离线下载")
    name = checked_name(body["fileName"], "文件名") if "fileName" in body else None
    dir_id = number_in(body, "dirID") if "dirID" in body else 0
    if dir_id < 0:
        raise bad_request("不支持下载到根目录")
    if "callBackUrl" in body and not _is_web_link(callback_url):
        raise bad_request("callBackUrl格式错误")
    # 0 lands in the default folder, against the specification.
    return CreateRequest(url, name, dir_id or None, callback_url)


def _is_web_link(url: object) -> bool:
    try:
        parts = urlsplit(str(url))
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
