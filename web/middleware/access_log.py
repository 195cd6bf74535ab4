"""The access log, and the metrics of requests."""

import time
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.observability import metrics
from core.observability.request_log import request_log

CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that disconnects before the response
MAX_LOGGED_PATH = 200
PROBES = {"/health", "/ready", "/metrics"}  # several each second: logged only if they fail
# A token or a secret follows, which permits a download or the reading of a calendar.
SECRET_PATHS = ("/downloads/", "/calendar/")
OPERATION = "haat.operation"  # in a scope: the fields of the operation in the log event


class RequestRecord:
    """Counts, times and logs a request: its path only, never its query or body, nor a link's token.

    `operation` has more fields of the log event.
    """

    __slots__ = ("_method", "_path", "_started", "is_stream", "operation", "status")

    def __init__(self, scope: Scope) -> None:
        self._method: str = scope["method"]
        self._path: str = scope["path"]
        self._started = time.perf_counter()
        self.status = CLIENT_CLOSED_REQUEST
        self.is_stream = False
        self.operation: dict[str, Any] = {}

    def finish(self) -> None:
        seconds = time.perf_counter() - self._started
        metrics.http_requests(self._method, self.status).inc()
        if not self.is_stream:
            metrics.HTTP_SECONDS.observe(seconds)
        if self._path not in PROBES or self.status >= 400:
            request_log.write(
                "http.request",
                __name__,
                method=self._method,
                path=_logged(self._path),
                status=self.status,
                ms=round(seconds * 1000, 1),
                **self.operation,
            )


def _logged(path: str) -> str:
    secret = next((start for start in SECRET_PATHS if path.startswith(start)), None)
    return f"{secret}…" if secret else path[:MAX_LOGGED_PATH]


class AccessLog:
    """Counts, times and logs requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        record = RequestRecord(scope)
        scope[OPERATION] = record.operation

        async def send_and_record(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                media = Headers(scope=message).get("content-type", "")
                record.is_stream = "text/event-stream" in media
            await send(message)

        try:
            await self.app(scope, receive, send_and_record)
        except ClientDisconnect:
            pass  # common on mobile networks
        except Exception:
            record.status = 500
            raise
        finally:
            record.finish()
