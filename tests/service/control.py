"""The simulator's own calls under /_sim: faults, clock, rules, tasks and counts."""

import json
from dataclasses import asdict, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.service.rates import DEFAULT_RATES
from tests.service.world import World


class Control:
    """The control calls of one world; an invalid body returns HTTP 400."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def faults(self, request: Request) -> Response:
        """GET lists the pending faults, POST adds one (fields of `Fault`), DELETE clears all."""
        faults = self._world.faults
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            faults.add(**await _body(request))
        return JSONResponse([asdict(fault) for fault in faults.pending()])

    async def release(self, _request: Request) -> Response:
        """POST releases every hanging call."""
        self._world.faults.release()
        return JSONResponse({})

    async def clock(self, request: Request) -> Response:
        """GET returns the time; POST sets `speed` and moves the time by `advance` seconds."""
        clock = self._world.clock
        if request.method == "POST":
            body = await _body(request)
            if "speed" in body:
                clock.speed = float(body["speed"])
            clock.advance(float(body.get("advance", 0)))
        return JSONResponse({"now": clock.now(), "real": clock.real(), "speed": clock.speed})

    async def rules(self, request: Request) -> Response:
        """GET returns the rules; POST changes some (`rates` is true or false)."""
        world = self._world
        if request.method == "POST":
            changes = await _body(request)
            if "rates" in changes:
                changes["rates"] = DEFAULT_RATES if changes["rates"] else None
            world.configure(**changes)
        rules = world.rules
        fields = asdict(replace(rules, rates=None))
        return JSONResponse({**fields, "rates": rules.rates and dict(rules.rates)})

    async def expire_tokens(self, _request: Request) -> Response:
        """POST expires every issued token."""
        self._world.tokens.expire_all()
        return JSONResponse({})

    async def tasks(self, _request: Request) -> Response:
        """GET lists all tasks, and how often each link was attempted and created."""
        world = self._world
        tasks, now = world.tasks(), world.clock.now()
        return JSONResponse(
            {
                "now": now,
                "tasks": [task.describe(now) for task in tasks],
                "creates": world.stats.creates,
                "attempts": world.stats.attempts,
            }
        )

    async def finish(self, request: Request) -> Response:
        """POST ends a task now: as a success, or as a failure with `reason`."""
        body = await _body(request)
        self._world.finish(request.path_params["task_id"], reason=body.get("reason", ""))
        return JSONResponse({})

    async def remove_folder(self, request: Request) -> Response:
        """DELETE moves a folder of the first account to the trash."""
        folder_id = request.path_params["folder_id"]
        drive = self._world.drive()
        if folder_id not in drive.entries:
            raise KeyError(folder_id)
        drive.move_to_trash(folder_id)
        return JSONResponse({})

    async def stats(self, _request: Request) -> Response:
        """GET returns counts of requests, rate refusals, faults, callbacks and renewals."""
        stats, faults, logins = self._world.stats, self._world.faults, self._world.logins
        return JSONResponse(
            {
                "requests": stats.requests,
                "refused_429": stats.refused_429,
                "faults": faults.fired,
                "callbacks": stats.callbacks,
                "landed": stats.landed,
                "logins": {"renewals": logins.renewals, "reused": logins.reused},
            }
        )

    async def landed(self, request: Request) -> Response:
        """Record the headers of a followed redirect; redirects lead here by default."""
        self._world.stats.landed.append(dict(request.headers))
        return JSONResponse({})


def control_routes(world: World) -> list[Route]:
    """Return the routes of the control calls for `world`."""
    control = Control(world)
    return [
        Route("/_sim/faults", _checked(control.faults), methods=["GET", "POST", "DELETE"]),
        Route("/_sim/release", control.release, methods=["POST"]),
        Route("/_sim/clock", _checked(control.clock), methods=["GET", "POST"]),
        Route("/_sim/rules", _checked(control.rules), methods=["GET", "POST"]),
        Route("/_sim/expire_tokens", control.expire_tokens, methods=["POST"]),
        Route("/_sim/tasks", control.tasks, methods=["GET"]),
        Route("/_sim/tasks/{task_id:int}/finish", _checked(control.finish), methods=["POST"]),
        Route("/_sim/folders/{folder_id:int}", _checked(control.remove_folder), methods=["DELETE"]),
        Route("/_sim/stats", control.stats, methods=["GET"]),
        Route("/_sim/landed", control.landed, methods=["GET", "POST"]),
    ]


Handler = Any


def _checked(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            response: Response = await handler(request)
        except (TypeError, ValueError, KeyError) as wrong:
            return JSONResponse({"error": str(wrong)}, status_code=400)
        return response

    return answer


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    body = json.loads(raw) if raw else {}
    if not isinstance(body, dict):
        raise TypeError("a JSON object is expected")
    return body
