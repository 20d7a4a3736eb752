"""The service's responses: the envelope, and refusals with code and message."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

_POD = "kong-db-5898fdd8c6-t5pvc"
_NAMESPACE = uuid.UUID("123a0000-0000-4000-8000-000000000123")


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
    """Yield unique trace ids in the specification's format, the same ones in each run."""
    for number in count(1):
        yield f"{uuid.uuid5(_NAMESPACE, str(number))}_{_POD}"


def envelope(
    data: Mapping[str, Any] | None, trace_id: str, *, code: int = 0, message: str = "ok"
) -> dict[str, Any]:
    return {"code": code, "message": message, "data": data, "x-traceID": trace_id}
