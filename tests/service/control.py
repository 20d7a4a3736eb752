"""The simulator's own calls under /_sim, to steer it by hand while the program runs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pan123_tui.simulator.responses import Refusal
from tests.service.world import Stats, World


def control_routes(world: World) -> list[Route]:
    """Return the routes of the control calls for `world`."""
    commands: Mapping[str, Callable[..., object]] = {
        "fault": world.faults.add,
        "clear_faults": world.faults.clear,
        "clock": world.clock.change,
        "rules": world.configure,
        "expire_tokens": world.tokens.expire_all,
        "finish": world.finish,
        "trash": lambda *, entry_id: world.drive().move_to_trash(entry_id),
    }

    async def show(_request: Request) -> Response:
        return JSONResponse(_state(world))

    async def steer(request: Request) -> Response:
        try:
            commands[request.path_params["command"]](**json.loads(await request.body() or "{}"))
        except (TypeError, ValueError, KeyError, Refusal) as wrong:
            return JSONResponse({"error": str(wrong)}, status_code=400)
        return JSONResponse(_state(world))

    async def landed(request: Request) -> Response:
        """Record the headers of a followed redirect, which leads here."""
        world.stats.landed.append(dict(request.headers))
        return JSONResponse({})

    return [
        Route("/_sim", show, methods=["GET"]),
        Route("/_sim/landed", landed, methods=["GET", "POST"]),
        Route("/_sim/{command}", steer, methods=["POST"]),
    ]


def _state(world: World) -> dict[str, Any]:
    """Return tasks, counts, rules and faults."""
    now = world.clock.now()
    return {
        **{name: getattr(world.stats, name) for name in Stats.__slots__},
        "now": now,
        "speed": world.clock.speed,
        "tasks": [task.describe(now) for task in world.tasks()],
        "faults": [asdict(fault) for fault in world.faults.pending],
        "rules": asdict(world.rules),
    }
