"""GraphQL over WebSocket: whose socket it is, and when it must end."""

import asyncio
import copy
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from graphql import GraphQLError
from strawberry.asgi import ASGIWebSocketAdapter
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

from schema.context import Context
from services import journal
from subscriptions.asking import Asked, Unfit

SEND_SECONDS = 10.0
EARLY_SECONDS = 60.0
TOKEN_ENDED = 4403  # graphql-ws tries again, with a fresh token
SESSION_ENDED = 4401  # graphql-ws gives up
SLOW_CLIENT = 4408


class SocketAdapter(ASGIWebSocketAdapter):
    """Gives up on a client that doesn't read."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await super().send_json(message)
        except TimeoutError as error:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.close(SLOW_CLIENT, "Too slow. Resume from the last cursor.")
            raise WebSocketDisconnected from error


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Each operation has a context of its own; the socket ends with its token or its session."""

    _guards: tuple[asyncio.Task[None], ...] = ()

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        await super().handle_connection_init(message)
        if self.connection_acknowledged and not self._guards and self.context.viewer.user_id:
            self._guards = (
                asyncio.create_task(self._end_with_token()),
                asyncio.create_task(self._end_with_session()),
            )

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
        for guard in self._guards:
            guard.cancel()
        await super().shutdown()

    async def _end_with_token(self) -> None:
        """A little early and at random, so that sockets opened together don't return together."""
        left = (self.context.expires or 0.0) - time.time()
        early = random.uniform(0, min(EARLY_SECONDS, left / 10))  # noqa: S311
        await asyncio.sleep(max(0.0, left - early))
        await self._close(TOKEN_ENDED, "The access token has ended.")

    async def _end_with_session(self) -> None:
        viewer, feed = self.context.viewer, self.context.house.feed
        topic = journal.user_topic(viewer.signed_in)
        async with feed.follow(await feed.places([topic], None)) as follower:
            while True:
                async for entry in follower.take(EARLY_SECONDS):
                    ended: Any = entry.facts.get("session_id")
                    if entry.kind == "session.ended" and ended == str(viewer.session_id):
                        await self._close(SESSION_ENDED, "The session has ended.")
                        return

    async def _close(self, code: int, reason: str) -> None:
        with suppress(WebSocketDisconnected, RuntimeError):
            await self.websocket.close(code=code, reason=reason)
