"""ASGI middleware for HTTP requests. WebSockets bypass it."""

import time
from uuid import uuid4

import structlog
from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.observability import metrics
from core.settings import Settings
from gateways.storage.local import PATH
from web.allowed_hosts import AllowedHosts, allowed_hosts
from web.body_limit import BodyLimit
from web.operations_port import OperationsPort

# From the OWASP REST Security Cheat Sheet. Pages set their own Content-Security-Policy.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CORS_HEADERS = [
    "Apollo-Require-Preflight",
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "X-Apollo-Operation-Name",
    "X-Request-ID",
]
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that disconnects before the response
MAX_LOGGED_PATH = 200
CORS_MAX_AGE_SECONDS = 600
MIN_GZIP_BYTES = 1024

log = structlog.get_logger(__name__)


def middleware(settings: Settings, sockets: ASGIApp, operations: ASGIApp) -> list[Middleware]:
    return [
        Middleware(OperationsPort, port=settings.operations_port, operations=operations),
        Middleware(AllowedHosts, hosts=allowed_hosts(settings)),
        Middleware(WebSocketBypass, path="/graphql", sockets=sockets),
        Middleware(CorrelationIdMiddleware, header_name="X-Request-ID"),
        Middleware(SecurityHeaders, strict=not settings.development),
        Middleware(AccessLog),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_headers=CORS_HEADERS,
            allow_methods=["GET", "POST", "PUT"],
            expose_headers=["X-Request-ID"],
            max_age=CORS_MAX_AGE_SECONDS,
        ),
        Middleware(GZipMiddleware, minimum_size=MIN_GZIP_BYTES),
        Middleware(BodyLimit, except_at=PATH),
    ]


class WebSocketBypass:
    """Routes WebSockets directly to their endpoint.

    Every layer that a WebSocket passes through stays in memory while it is open.
    """

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
    """Adds the security headers that a response has not set itself."""

    def __init__(self, app: ASGIApp, *, strict: bool) -> None:
        self.app = app
        self.headers = SECURITY_HEADERS | (HSTS if strict else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class AccessLog:
    """Counts, times and logs requests. It logs paths only, never queries or bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, is_stream = time.perf_counter(), CLIENT_CLOSED_REQUEST, False

        async def send_and_record(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                is_stream = "text/event-stream" in Headers(scope=message).get("content-type", "")
            await send(message)

        try:
            await self.app(scope, receive, send_and_record)
        except ClientDisconnect:
            pass  # common on mobile networks
        except Exception:
            status = 500
            raise
        finally:
            seconds = time.perf_counter() - started
            metrics.HTTP_REQUESTS.labels(scope["method"], status).inc()
            if not is_stream:
                metrics.HTTP_SECONDS.observe(seconds)
            log.info(
                "http.request",
                method=scope["method"],
                path=scope["path"][:MAX_LOGGED_PATH],
                status=status,
                ms=round(seconds * 1000, 1),
            )
