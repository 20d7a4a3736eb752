"""What a call sends and how it is answered: arguments, the envelope, refusals."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Meta, Struct

FORBIDDEN = frozenset('"\\/:*?|><')
MAX_NAME = 255


@dataclass
class Refusal(Exception):
    """A refusal by the service, in the body of an HTTP 200."""

    code: int
    message: str


def bad_request(message: str) -> Refusal:
    return Refusal(1, message)


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


def checked(value: object, kind: Any) -> Any:
    """Return `value` as `kind`, a number also from text; raises `Refusal`, code 1."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise bad_request(f"请求参数错误：{error}") from None


def number_in(arguments: Mapping[str, Any], name: str) -> int:
    number: int = checked(arguments.get(name), int)
    return number


WebLink = Annotated[str, Meta(pattern="^(?i:https?)://[^/?#]")]
Name = Annotated[str, Meta(pattern=r'^(?!\s*$)[^"\\/:*?|><]{1,255}$')]


class CreateRequest(
    Struct,
    frozen=True,
    rename={"file_name": "fileName", "dir_id": "dirID", "callback_url": "callBackUrl"},
):
    url: WebLink
    file_name: Name = ""
    dir_id: Annotated[int, Meta(ge=0)] = 0
    """0 lands in the default folder, against the specification."""
    callback_url: WebLink = ""

    @property
    def saved_as(self) -> str:
        if self.file_name:
            return self.file_name
        parts = urlsplit(self.url)
        last = unquote(parts.path.rstrip("/").rpartition("/")[2])
        name = "".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in last)
        return name[:MAX_NAME] or parts.hostname or "download"
