"""The access log, and the metrics of requests."""

import time

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.observability import metrics

CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that disconnects before the response
MAX_LOGGED_PATH = 200
PROBES = {"/health", "/ready", "/metrics"}  # several each second: logged only if they fail

log = structlog.get_logger(__name__)


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
            if scope["path"] not in PROBES or status >= 400:
                log.info(
                    "http.request",
                    method=scope["method"],
                    path=scope["path"][:MAX_LOGGED_PATH],
                    status=status,
                    ms=round(seconds * 1000, 1),
                )
