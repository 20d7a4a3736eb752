"""The receiver of the service's callbacks, on the engine's HTTP server."""

from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from pan123_tui.domain.errors import Int64, ProblemKind
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.task import Task
from pan123_tui.engine.http_server import Entrance, read_body

MAX_REASON_CHARS = 1000
MAX_BODY_BYTES = 64 * 1024


class CallbackPayload(msgspec.Struct, frozen=True):
    """The body of a callback; unknown fields are ignored.

    `status` is 0 for success and 1 for failure; for *process*, 0 is running and 2 success.
    """

    status: Int64
    url: str = ""
    failReason: str | None = None  # noqa: N815 - the service's name
    fileReason: str | None = None  # noqa: N815 - the spelling in an example of its documentation
    fileID: Int64 | None = None  # noqa: N815

    @property
    def facts(self) -> dict[str, Any]:
        """The fields to set in the task; never its state, which only *process* decides."""
        reason = (self.failReason or self.fileReason or "")[:MAX_REASON_CHARS]
        facts: dict[str, Any] = {}
        if self.status != 0 and reason:
            facts["fail_reason"] = reason
        if self.status == 0 and self.fileID is not None and self.fileID > 0:
            facts["file_id"] = self.fileID
        return facts


parse_callback = msgspec.json.Decoder(CallbackPayload, strict=False).decode
"""Parse the body of a callback; raises `msgspec.DecodeError`."""


class CallbackReceiver(Entrance):
    """Receives the service's callback at a task's end: `POST …/<the task's secret>`.

    It adds the reason or the file's id to the task and has it polled at once. It never changes
    the task's state, so a forged request costs at most a few polls.
    """

    def __init__(self, address: str) -> None:
        """Receive callbacks at `address`, whatever stands before the secret: a proxy's prefix."""
        route = Route("/{path:path}", self._receive, methods=["POST"])
        super().__init__(address, route, unusable=ProblemKind.CALLBACK_UNUSABLE)
        self._ids: dict[str, int] = {}
        """The tasks by their secrets, former ones included: by its hash, a look-up takes as long
        for a good guess as for a bad one."""

    def on_event(self, event: EngineEvent, /) -> None:
        match event:
            case TasksLoaded(tasks):
                self._note(tasks.values())
            case TasksChanged(changed, _removed):
                self._note(changed)

    def _note(self, tasks: Iterable[Task]) -> None:
        self._ids.update((t.callback_secret, t.id) for t in tasks if t.callback_secret)

    async def _receive(self, request: Request) -> Response:
        try:
            body = await read_body(request, max_bytes=MAX_BODY_BYTES)
            payload = parse_callback(body) if body is not None else None
        except (ClientDisconnect, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Response(status_code=400)
        if payload is None:
            return Response(status_code=413)
        task_id = self._find(request.path_params["path"].rpartition("/")[2])
        if task_id is None:
            return Response(status_code=404)
        await self.engine.update_facts(task_id, **payload.facts)
        return Response(status_code=200)

    def _find(self, secret: str) -> int | None:
        task = self.engine.tasks.get(self._ids.get(secret, 0))
        if task is None or task.callback_secret != secret:
            return None  # it was removed or sent again since
        return task.id
