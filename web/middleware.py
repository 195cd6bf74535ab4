"""What every HTTP answer gets on its way out, which sockets have no need of."""

import time
from uuid import uuid4

import structlog
from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import metrics
from core.settings import Settings
from gateways.storage.local import PATH
from web.body_limit import SizeLimit

# After the OWASP REST Security Cheat Sheet; pages bring a policy of their own.
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ALLOWED = [
    "Apollo-Require-Preflight",
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "X-Apollo-Operation-Name",
    "X-Request-ID",
]
STRICT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

log = structlog.get_logger(__name__)


def middleware(settings: Settings, sockets: ASGIApp) -> list[Middleware]:
    """From the outside in."""
    return [
        Middleware(SocketsAside, path="/graphql", sockets=sockets),
        Middleware(CorrelationIdMiddleware, header_name="X-Request-ID"),
        Middleware(SecurityHeaders, strict=not settings.development),
        Middleware(AccessLog),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_headers=ALLOWED,
            allow_methods=["GET", "POST", "PUT"],
            expose_headers=["X-Request-ID"],
            max_age=600,
        ),
        Middleware(GZipMiddleware, minimum_size=1024),
        Middleware(SizeLimit, except_at=PATH),
    ]


class SocketsAside:
    """Has sockets go to their endpoint at once: a layer they pass is kept while they are open."""

    def __init__(self, app: ASGIApp, path: str, sockets: ASGIApp) -> None:
        self.app = app
        self.path = path
        self.sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == self.path:
            correlation_id.set(uuid4().hex)
            await self.sockets(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class SecurityHeaders:
    """Sets what an answer has not set itself."""

    def __init__(self, app: ASGIApp, *, strict: bool) -> None:
        self.app = app
        self.headers = SECURITY | (STRICT if strict else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class AccessLog:
    """Counts and times each request, and logs it; paths only, never what was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, live = time.perf_counter(), 500, False

        async def noting(message: Message) -> None:
            nonlocal status, live
            if message["type"] == "http.response.start":
                status = message["status"]
                live = "text/event-stream" in Headers(scope=message).get("content-type", "")
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - started
            metrics.REQUESTS.labels(scope["method"], status).inc()
            if not live:
                metrics.SECONDS.observe(seconds)
            log.info(
                "http",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(seconds * 1000, 1),
            )
