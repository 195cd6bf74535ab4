"""Controls over HTTP: faults with `POST /_controls`, and what happens later by its own path."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from payments_stand_in.actions import ACTIONS
from payments_stand_in.paystack.calls import PaystackRefused
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, NoSuchObject, visible
from payments_stand_in.stripe.refusals import Refused

PATH = "/_controls"


def control_routes(stand_in: StandIn) -> list[Route]:
    return [
        Route(PATH, _shown(stand_in), methods=["GET"]),
        Route(PATH, _changed(stand_in), methods=["POST"]),
        Route(f"{PATH}/{{action}}", _done(stand_in), methods=["POST"]),
    ]


def _shown(stand_in: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def show(_: Request) -> Response:
        return JSONResponse(_state(stand_in))

    return show


def _changed(stand_in: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def change(request: Request) -> Response:
        """Switch faults on and off. `reset` switches all off, and `seed` repeats random ones."""
        wanted = await request.json()
        try:
            if wanted.pop("reset", False):
                stand_in.controls.reset(int(wanted.pop("seed", 0)))
            stand_in.controls.update(wanted)
        except (ValidationError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(_state(stand_in))

    return change


def _done(stand_in: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def act(request: Request) -> Response:
        action = ACTIONS.get(request.path_params["action"])
        is_json = request.headers.get("content-type", "").startswith("application/json")
        given = await _read(request, is_json=is_json)
        if action is None:
            return JSONResponse({"error": "No such control."}, 404)
        try:
            answer = visible(action(stand_in, given))
        except (Refused, PaystackRefused, NoSuchObject, KeyError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(answer) if is_json else RedirectResponse("/", 303)

    return act


async def _read(request: Request, *, is_json: bool) -> Mapping[str, Any]:
    """Return what was sent: JSON by a test, or a form by the page."""
    body = await request.body()
    if not is_json:
        return dict(parse_qsl(body.decode()))
    read = await request.json() if body else {}
    return read if isinstance(read, dict) else {}


def _state(stand_in: StandIn) -> Json:
    return {
        "faults": stand_in.controls.faults.model_dump(),
        "held_webhooks": len(stand_in.deliveries.held),
        "webhooks_accepted": stand_in.deliveries.sent,
        "objects": {kind: len(objects) for kind, objects in stand_in.store.kinds.items()},
    }
