"""Endpoints for operators."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.security.signing_keys import SigningKeys
from services.status import ServerStatus


def routes(status: ServerStatus, keys: SigningKeys) -> list[Route]:
    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        checks = await status.checks()
        ok = all(check.ok for check in checks if check.needed)
        body = {
            "status": "ready" if ok else "not ready",
            "checks": {check.name: check.ok for check in checks},
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def jwks(_: Request) -> Response:
        return JSONResponse(keys.public(), headers={"Cache-Control": "public, max-age=300"})

    return [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
        Route("/.well-known/jwks.json", jwks),
    ]
