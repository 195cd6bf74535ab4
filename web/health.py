"""Endpoints for operators."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.observability.exposition import exposition
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.version import VERSION
from services.status import Check, ServerStatus
from web.middleware.access_log import AccessLog

READY_SECONDS = 1.0


class ReadyChecks:
    """The server's checks, run at most once per second, so that probes are cheap."""

    def __init__(self, status: ServerStatus) -> None:
        self._status = status
        self._lock = asyncio.Lock()
        self._checks: Sequence[Check] = ()
        self._expire_at = 0.0

    async def current(self) -> Sequence[Check]:
        async with self._lock:
            if time.monotonic() >= self._expire_at:
                self._checks = await self._status.checks()
                self._expire_at = time.monotonic() + READY_SECONDS
            return self._checks


def public_routes(settings: Settings, status: ServerStatus, keys: SigningKeys) -> list[Route]:
    """Return the endpoints of the public port: without metrics, except in development."""

    async def jwks(_: Request) -> Response:
        return JSONResponse(keys.public(), headers={"Cache-Control": "public, max-age=300"})

    routes = [Route("/health", _health), Route("/.well-known/jwks.json", jwks)]
    if settings.operations_port is None:
        routes.append(Route("/ready", _ready(status)))
        if settings.development:
            routes.append(Route("/metrics", _metrics))
    return routes


def operations(status: ServerStatus) -> Starlette:
    """Return the application of the operations port."""
    routes = [
        Route("/health", _health),
        Route("/ready", _ready(status)),
        Route("/metrics", _metrics),
    ]
    return Starlette(routes=routes, middleware=[Middleware(AccessLog)])


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "alive", "version": VERSION})


async def _metrics(_: Request) -> Response:
    content = await asyncio.to_thread(exposition)
    return Response(content, media_type=CONTENT_TYPE_LATEST)


def _ready(status: ServerStatus) -> Callable[[Request], Awaitable[Response]]:
    ready_checks = ReadyChecks(status)

    async def ready(_: Request) -> Response:
        checks = await ready_checks.current()
        ok = all(check.ok for check in checks if check.needed)
        body = {
            "status": "ready" if ok else "not ready",
            "checks": {check.name: check.ok for check in checks},
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    return ready
