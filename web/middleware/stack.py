"""ASGI middleware for HTTP requests. WebSockets bypass it."""

from uuid import uuid4

from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.settings import Settings
from gateways.storage.local import PATH
from web.graphql.endpoint import Endpoint
from web.graphql.short_path.compression import GZIP_LEVEL, MIN_GZIP_BYTES
from web.graphql.short_path.layer import REQUEST_ID, ShortPath
from web.middleware.access_log import AccessLog
from web.middleware.allowed_hosts import AllowedHosts, allowed_hosts
from web.middleware.body_limit import BodyLimit
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
# Of Haat, of Apollo's clients, of traces (W3C) and of Sentry. CORS_HEADERS adds more.
REQUEST_HEADERS = [
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "X-Request-ID",
    "Apollo-Require-Preflight",
    "ApolloGraphQL-Client-Name",
    "ApolloGraphQL-Client-Version",
    "X-Apollo-Operation-Name",
    "X-Apollo-Operation-Id",
    "Baggage",
    "Traceparent",
    "Tracestate",
    "Sentry-Trace",
]
# A page cannot read other headers of the response; with Date it can correct a wrong clock.
RESPONSE_HEADERS = ["Date", "Retry-After", "X-Request-ID"]
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

CORS_MAX_AGE_SECONDS = 600


def middleware(settings: Settings, endpoint: Endpoint, operations: ASGIApp) -> list[Middleware]:
    security = Middleware(SecurityHeaders, strict=not settings.development)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_origin_regex=settings.local_origins,
        allow_headers=[*REQUEST_HEADERS, *settings.cors_headers],
        allow_methods=["GET", "POST", "PUT"],
        expose_headers=RESPONSE_HEADERS,
        max_age=CORS_MAX_AGE_SECONDS,
    )
    gzip = Middleware(GZipMiddleware, minimum_size=MIN_GZIP_BYTES, compresslevel=GZIP_LEVEL)
    return [
        Middleware(OperationsPort, port=settings.operations_port, operations=operations),
        Middleware(AllowedHosts, hosts=allowed_hosts(settings)),
        Middleware(WebSocketBypass, path="/graphql", sockets=endpoint),
        Middleware(ShortPath, endpoint=endpoint, header_layers=(security, cors, gzip)),
        Middleware(CorrelationIdMiddleware, header_name=REQUEST_ID),
        security,
        Middleware(AccessLog),
        cors,
        gzip,
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
