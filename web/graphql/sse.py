"""Changes as server-sent events."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import SSETransport

from core.errors import NotSignedIn, UserMessage
from engine.context import Context
from engine.error_codes import Fault
from engine.limits.extension import refused
from engine.live.execution import ChangeExecutor, EncodedResult
from engine.live.group_registry import GroupRegistry
from engine.live.operation_key import Operation
from engine.live.sources import AcceptedSubscription
from engine.live.subscriber import QueuedSubscriber
from web.graphql.connection_registry import ConnectionRegistry


class ResumableSSETransport(SSETransport):
    """Names each event by its cursor, so that a browser resumes by itself."""

    headers = dict(SSETransport.headers) | {"Cache-Control": "no-store, no-transform"}

    def encode_next(self, response: GraphQLHTTPResponse | EncodedResult, encode_json: Any) -> str:
        if not isinstance(response, EncodedResult):
            return super().encode_next(response, encode_json)
        id = f"id: {response.cursor}\r\n" if response.cursor else ""
        return f"{id}event: next\r\ndata: {response.payload.decode()}\r\n\r\n"


class SSESubscriber(QueuedSubscriber):
    """A follower that ends with its token or its session."""

    __slots__ = ("_operation", "_teller")

    def __init__(self, context: Context, operation: Operation, teller: ChangeExecutor) -> None:
        super().__init__(context.viewer)
        self._operation = operation
        self._teller = teller

    def session_ended(self) -> None:
        self.over(NotSignedIn("This session has ended. Sign in again."))

    def token_ended(self) -> None:
        self.over(NotSignedIn("The access token has expired. Refresh it and reconnect."))

    def session_unverifiable(self) -> None:
        """It just ends; the client comes back."""
        self.over(None)

    def over(self, error: Exception | None) -> None:
        self.leave()
        self.end(self._teller.final_error(self._operation, error) if error else None)


class SSESubscriptions:
    """Streams of this process."""

    def __init__(
        self, groups: GroupRegistry, sessions: ConnectionRegistry, teller: ChangeExecutor
    ) -> None:
        self._groups = groups
        self._sessions = sessions
        self._teller = teller

    async def follow(
        self, context: Context, following: AcceptedSubscription, operation: Operation
    ) -> AsyncGenerator[EncodedResult, None]:
        """All that is told until the caller goes, or has to."""
        stream = SSESubscriber(context, operation, self._teller)
        try:
            async with self._counted(context, stream):
                await self._groups.join(stream, following, operation)
                async for message in stream:
                    yield message
        finally:
            stream.leave()

    @asynccontextmanager
    async def _counted(self, context: Context, stream: SSESubscriber) -> AsyncIterator[None]:
        user_id = context.viewer.require_user()
        if not self._sessions.has_room(user_id):
            raise refused(
                Fault.RATE_LIMITED,
                UserMessage("This user has too many open connections. Close one first."),
            )
        self._sessions.begin(user_id)
        self._sessions.add(stream)
        left = (context.expires or 0.0) - time.time()
        ending = asyncio.get_running_loop().call_later(left, stream.token_ended)
        try:
            yield
        finally:
            ending.cancel()
            self._sessions.remove(stream)
            self._sessions.finish(user_id)
