"""GraphQL over WebSocket: whose socket it is, and when it must end."""

import asyncio
import copy
import random
import time
from contextlib import suppress
from typing import Any, cast

import structlog
from graphql import GraphQLError
from sqlalchemy.exc import SQLAlchemyError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    SubscribeMessage,
    SubscribeMessagePayload,
)

from core import metrics
from core.errors import CursorExpired
from schema.context import Context
from services import journal
from subscriptions.asking import Asked, Unfit

EARLY_SECONDS = 60.0
TOKEN_ENDED = 4403  # graphql-ws tries again, with a fresh token
SESSION_ENDED = 4401  # graphql-ws gives up
UNWATCHED = 1012  # graphql-ws tries again

log = structlog.get_logger(__name__)


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Each operation has a context of its own; the socket ends with its token or its session."""

    _guard: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        with metrics.SOCKETS.track_inprogress():
            await super().handle()

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        await super().handle_connection_init(message)
        if self.connection_acknowledged and not self._guard and self.context.viewer.user_id:
            self._guard = asyncio.create_task(self._end_in_time())

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Takes a document by its hash too, which `run_operation` looks for."""
        payload: dict[str, Any] = dict(message["payload"])
        try:
            payload["query"] = Asked.of(payload)
        except Unfit as problem:
            await self.handle_invalid_message(problem.reason)
            return
        message["payload"] = cast("SubscribeMessagePayload", payload)
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        asked = cast("Asked", operation.query)
        try:
            operation.query = await self.context.house.documents.text(asked)
        except GraphQLError as error:
            await operation.send_initial_errors([error])
            return
        forked = copy.copy(self)
        forked.context = self.context.forked()
        await super(SocketHandler, forked).run_operation(operation)

    async def shutdown(self) -> None:
        if self._guard:
            self._guard.cancel()
        await super().shutdown()

    async def handle_task_exception(self, error: Exception) -> None:
        """A client that is gone is no failure of the operation that told it something."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def _end_in_time(self) -> None:
        """Close with the token or with the session, or when the session cannot be watched."""
        try:
            async with asyncio.timeout(self._patience()):
                await self._session_ended()
            await self._close(SESSION_ENDED, "The session has ended.")
        except TimeoutError:
            await self._close(TOKEN_ENDED, "The access token has ended.")
        except (CursorExpired, SQLAlchemyError, OSError) as error:
            log.warning("socket.unwatched", error=str(error))
            await self._close(UNWATCHED, "Connect again.")

    def _patience(self) -> float:
        """Until a little before the token ends, and at random.

        So sockets opened together don't return together, and no operation ends
        first, as if it were complete.
        """
        left = max(0.0, (self.context.expires or 0.0) - time.time())
        return left - random.uniform(0.2, 1) * min(EARLY_SECONDS, left / 10)  # noqa: S311

    async def _session_ended(self) -> None:
        viewer, feed = self.context.viewer, self.context.house.feed
        topic = journal.user_topic(viewer.signed_in)
        async with feed.follow(await feed.places([topic], None)) as follower:
            while True:
                async for entry in follower.take(EARLY_SECONDS):
                    ended: Any = entry.facts.get("session_id")
                    if entry.kind == "session.ended" and ended == str(viewer.session_id):
                        return

    async def _close(self, code: int, reason: str) -> None:
        """No operation outlives the right to it, even if the client leaves the close unanswered."""
        for id in list(self.operations):
            await self.cleanup_operation(id)
        with suppress(WebSocketDisconnected, RuntimeError):
            await self.websocket.close(code=code, reason=reason)
