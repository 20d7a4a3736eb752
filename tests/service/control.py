"""The simulator's own calls under /_sim, to steer it by hand while the program runs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pan123_tui.simulator.responses import Refusal
from tests.service.rates import DEFAULT_RATES
from tests.service.world import World


def control_routes(world: World) -> list[Route]:
    """Return the routes of the control calls for `world`."""
    commands = _commands(world)

    async def show(_request: Request) -> Response:
        return JSONResponse(_state(world))

    async def steer(request: Request) -> Response:
        try:
            command = commands[request.path_params["command"]]
            command(**json.loads(await request.body() or "{}"))
        except (TypeError, ValueError, KeyError, Refusal) as wrong:
            return JSONResponse({"error": str(wrong)}, status_code=400)
        return JSONResponse(_state(world))

    async def landed(request: Request) -> Response:
        """Record the headers of a followed redirect; redirects lead here by default."""
        world.stats.landed.append(dict(request.headers))
        return JSONResponse({})

    return [
        Route("/_sim", show, methods=["GET"]),
        Route("/_sim/landed", landed, methods=["GET", "POST"]),
        Route("/_sim/{command}", steer, methods=["POST"]),
    ]


def _commands(world: World) -> Mapping[str, Callable[..., object]]:
    """Return what can be ordered; the arguments are the fields of the JSON object."""

    def clock(*, speed: float | None = None, advance: float = 0.0) -> None:
        world.clock.speed = world.clock.speed if speed is None else float(speed)
        world.clock.advance(advance)

    def rules(*, rates: bool | None = None, **changes: Any) -> None:
        limits = {} if rates is None else {"rates": DEFAULT_RATES if rates else None}
        world.configure(**changes, **limits)

    return {
        "fault": world.faults.add,
        "clear_faults": world.faults.clear,
        "clock": clock,
        "rules": rules,
        "expire_tokens": world.tokens.expire_all,
        "finish": world.finish,
        "trash": lambda *, entry_id: world.drive().move_to_trash(entry_id),
    }


def _state(world: World) -> dict[str, Any]:
    """Return tasks, counts, rules and faults."""
    stats, rules, now = world.stats, world.rules, world.clock.now()
    return {
        "now": now,
        "speed": world.clock.speed,
        "tasks": [task.describe(now) for task in world.tasks()],
        "creates": stats.creates,
        "attempts": stats.attempts,
        "requests": stats.requests,
        "refused_429": stats.refused_429,
        "callbacks": stats.callbacks,
        "landed": stats.landed,
        "renewals": world.logins.renewals,
        "faults": [asdict(fault) for fault in world.faults.pending()],
        "rules": asdict(replace(rules, rates=None)) | {"rates": rules.rates and dict(rules.rates)},
    }
