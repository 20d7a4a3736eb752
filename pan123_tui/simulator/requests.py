"""Which arguments of a call the service accepts, and which it refuses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pan123_tui.simulator.responses import bad_request

FORBIDDEN = frozenset('"\\/:*?|><')
MAX_NAME = 255


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


def folder_name(body: Mapping[str, Any]) -> str:
    """Return the name of a folder to be made; raises `Refusal`."""
    return _checked(body.get("name"), "目录名")


def _checked(name: object, what: str) -> str:
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
    name = _checked(body["fileName"], "文件名") if "fileName" in body else None
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
