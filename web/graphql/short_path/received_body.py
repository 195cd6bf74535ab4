"""The body of a request, which can be received again."""

from collections import deque

from starlette.types import Message, Receive

from web.middleware.body_limit import MAX_BODY_BYTES


class ReceivedBody:
    """Reads a body, and keeps its messages for the full stack."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: deque[Message] = deque()

    async def read(self, length: str) -> bytes | None:
        """Return the whole body. None if it is too large, or if the client is gone.

        `length` is the declared one. A body that is declared as too large is not received.
        """
        if length.isdecimal() and int(length) > MAX_BODY_BYTES:
            return None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            self._messages.append(message)
            if message["type"] != "http.request":
                return None
            body = message.get("body", b"")
            size += len(body)
            if size > MAX_BODY_BYTES:
                return None
            parts.append(body)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def receive_next(self) -> Message:
        """Receive what follows the messages that were read."""
        return await self._receive()

    async def receive(self) -> Message:
        """Receive the messages again, then those that follow."""
        return self._messages.popleft() if self._messages else await self.receive_next()
