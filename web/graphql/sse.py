"""Subscriptions over server-sent events."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import SSETransport

from core.errors import NotSignedIn, UserMessage
from engine.context import Context
from engine.errors.codes import Fault
from engine.limits.extension import refused
from engine.live.execution import ChangeExecutor, EncodedResult
from engine.live.group_registry import GroupRegistry
from engine.live.operation_key import OperationKey
from engine.live.sources import AcceptedSubscription
from engine.live.subscriber import QueuedSubscriber
from web.graphql.authentication import EXPIRED
from web.graphql.connection_registry import ConnectionRegistry


class ResumableSSETransport(SSETransport):
    """Sends the cursor as the `id` of each message, which browsers return as `Last-Event-ID`."""

    headers = dict(SSETransport.headers) | {"Cache-Control": "no-store, no-transform"}

    def encode_next(self, response: GraphQLHTTPResponse | EncodedResult, encode_json: Any) -> str:
        if not isinstance(response, EncodedResult):
            return super().encode_next(response, encode_json)
        id = f"id: {response.cursor}\r\n" if response.cursor else ""
        return f"{id}event: next\r\ndata: {response.payload.decode()}\r\n\r\n"


class SSESubscriber(QueuedSubscriber):
    """A subscriber whose stream ends with its token or its session."""

    __slots__ = ("_executor", "_operation")

    def __init__(self, context: Context, operation: OperationKey, executor: ChangeExecutor) -> None:
        super().__init__(context.viewer)
        self._operation = operation
        self._executor = executor

    def session_ended(self) -> None:
        self.close(NotSignedIn("This session has ended. Sign in again."))

    def rights_changed(self) -> None:
        self.close(None)

    def token_ended(self) -> None:
        self.close(NotSignedIn(EXPIRED))

    def session_unverifiable(self) -> None:
        """End without an error: the client reconnects and is authenticated again."""
        self.close(None)

    def close(self, error: Exception | None) -> None:
        self.leave()
        self.complete(self._executor.final_error(self._operation, error) if error else None)


class SSESubscriptions:
    def __init__(
        self, groups: GroupRegistry, sessions: ConnectionRegistry, executor: ChangeExecutor
    ) -> None:
        self._groups = groups
        self._sessions = sessions
        self._executor = executor

    async def results(
        self, context: Context, accepted: AcceptedSubscription, operation: OperationKey
    ) -> AsyncGenerator[EncodedResult, None]:
        """Yield results until the client disconnects or its right ends."""
        subscriber = SSESubscriber(context, operation, self._executor)
        try:
            async with self._registered(context, subscriber):
                await self._groups.join(subscriber, accepted, operation)
                async for result in subscriber:
                    yield result
        finally:
            subscriber.leave()

    @asynccontextmanager
    async def _registered(self, context: Context, subscriber: SSESubscriber) -> AsyncIterator[None]:
        """Count the stream against the user's limits, and end it with its token."""
        user_id = context.viewer.require_user()
        if not self._sessions.has_room(user_id):
            raise refused(
                Fault.RATE_LIMITED,
                UserMessage("You have too many open windows or apps. Close one first."),
            )
        self._sessions.begin(user_id)
        self._sessions.add(subscriber)
        left = (context.expires or 0.0) - time.time()
        timer = asyncio.get_running_loop().call_later(left, subscriber.token_ended)
        try:
            yield
        finally:
            timer.cancel()
            self._sessions.remove(subscriber)
            self._sessions.finish(user_id)
