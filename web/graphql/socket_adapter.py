"""Sends and closes WebSockets."""

from collections.abc import Mapping
from contextlib import suppress

import structlog
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected

MAX_REASON_BYTES = 123  # RFC 6455, 5.5: a control frame has 125 bytes, two of them for the code

log = structlog.get_logger(__name__)


class SocketAdapter(ASGIWebSocketAdapter):
    """Treats a socket that this server has closed as disconnected, and shortens reasons."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        """Close, unless it is closed already."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            return
        log.info("socket.closed", code=code, reason=shorten_reason(reason))
        with suppress(WebSocketDisconnect):
            await self.ws.close(code=code, reason=shorten_reason(reason))


def shorten_reason(reason: str) -> str:
    """Return as many characters as fit into a close frame. Longer reasons raise in websockets."""
    return reason.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore")
