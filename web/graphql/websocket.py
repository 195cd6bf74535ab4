"""GraphQL over WebSocket: whose socket it is, what is told over it, and when it must end."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, cast

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
    _OperationStreamClosed,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    SubscribeMessage,
    SubscribeMessagePayload,
)
from strawberry.utils.aio import aclosing

from core import metrics
from core.errors import UserMessage
from core.reconnect import RESTART, retry_hint
from engine.context import Context
from engine.error_codes import Fault
from engine.errors import format_error
from engine.limits.extension import refused
from engine.live.execution import EncodedResult
from engine.live.group_registry import GroupRegistry
from engine.live.operation_key import Operation as Asking
from engine.live.operation_key import subscribes
from engine.live.sources import AcceptedSubscription
from engine.live.subscriber import Subscriber
from services.viewer import Viewer
from web.graphql.connection_registry import ConnectionRegistry
from web.graphql.graphql_request import BadRequest, GraphQLRequest
from web.graphql.persisted_queries import find_document

EARLY_SECONDS = 60.0
TOKEN_ENDED = 4403  # graphql-ws tries again, with a fresh token
SESSION_ENDED = 4401  # graphql-ws gives up
TOO_MANY = 4429  # graphql-ws gives up


class Writable(Protocol):
    """Whether the client takes what is sent."""

    async def wait(self) -> None: ...


class Connection(Protocol):
    """What the socket is to the server below, past all that would wrap each message."""

    @property
    def writable(self) -> Writable: ...

    def try_send(self, *parts: bytes) -> bool: ...

    def send_or_close(self, *parts: bytes) -> None: ...


class SocketSubscriber(Subscriber):
    """One operation of a socket. A change is written to the connection itself."""

    __slots__ = ("_connection", "_handler", "_head", "id")
    task = None  # Strawberry ends operations by their tasks

    def __init__(self, handler: "SocketHandler", id: str) -> None:
        super().__init__(handler.viewer)
        self.id = id
        self._handler = handler
        self._connection = handler.connection
        self._head = b'{"id":%b,"type":"next","payload":' % orjson.dumps(id)

    def send(self, message: EncodedResult) -> bool:
        return self._connection.try_send(self._head, message.payload, b"}")

    async def writable(self) -> None:
        await self._connection.writable.wait()

    def end(self, final_error: EncodedResult | None) -> None:
        if final_error:
            self._connection.send_or_close(self._head, final_error.payload, b"}")
        self._connection.send_or_close(b'{"id":%b,"type":"complete"}' % orjson.dumps(self.id))
        self._handler.ended(self)


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Each operation has a context of its own; the socket ends with its token or its session."""

    def __init__(self, view: Any, websocket: Any, *more: Any, **others: Any) -> None:
        super().__init__(view, websocket, *more, **others)
        scope = websocket.ws.scope
        self.connection: Connection = scope["state"]["connection"]
        scope["headers"].clear()
        self.groups: GroupRegistry = view.groups
        self.sessions: ConnectionRegistry = view.sessions
        self._guarded = False
        self._end: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def viewer(self) -> Viewer:
        return self.context.viewer

    async def handle(self) -> None:
        with metrics.SOCKETS.track_inprogress():
            await super().handle()

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        await super().handle_connection_init(message)
        if not self.connection_acknowledged:
            return
        self.connection_init_timeout_task = None
        if self.viewer.user_id is None or self._guarded:
            return
        if not self.sessions.has_room(self.viewer.user_id):
            await self._close(TOO_MANY, "Too many connections of this user.")
            return
        self._guarded = True
        self.sessions.add(self)
        ended = partial(self._close_soon, TOKEN_ENDED, "The access token has ended.")
        self._end = asyncio.get_running_loop().call_later(self._patience(), ended)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Takes a document by its hash too, which `run_operation` looks for."""
        payload: dict[str, Any] = dict(message["payload"])
        try:
            payload["query"] = GraphQLRequest.of(payload)
        except BadRequest as problem:
            await self.handle_invalid_message(problem.reason)
            return
        most = self.context.app.settings.socket_operations
        if len(self.operations) >= most and message["id"] not in self.operations:
            metrics.REFUSED.labels("socket_operations").inc()
            many = UserMessage("{most} operations run on this socket. End one first.", most=most)
            told = format_error(refused(Fault.RATE_LIMITED, many), self.context.locales)
            error: Any = {"id": message["id"], "type": "error", "payload": [told.formatted]}
            await self.send_message(error)
            return
        message["payload"] = cast("SubscribeMessagePayload", payload)
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Run it to its end; a subscription only until it has begun, and then it is followed."""
        context = self.context.for_operation()
        try:
            request = cast("GraphQLRequest", operation.query)
            text = await find_document(context.app.persisted_documents, request)
            async with aclosing(self._results(operation, context, text)) as results:
                await self._send_result_stream(operation, results)
            if context.accepted:
                await self._follow(operation, context, text)
            else:
                await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except GraphQLError as error:
            await operation.send_initial_errors([format_error(error, context.locales)])
        except (_OperationStreamClosed, WebSocketDisconnected):
            pass  # a client that is gone is no failure of what told it something
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and over
            await self.handle_task_exception(error)
            with suppress(WebSocketDisconnected):
                await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _results(
        self, operation: Operation[Context, None], context: Context, text: str
    ) -> AsyncGenerator[Any, None]:
        """Of a subscription: why it cannot begin, or nothing. No slow reader keeps its turn."""
        if subscribes(context.app.document_cache, text, operation.operation_name):
            async with self.groups.beginnings:
                answers = [one async for one in self._executed(operation, context, text)]
            for answer in answers:
                yield answer
        else:
            async with aclosing(self._executed(operation, context, text)) as executed:
                async for answer in executed:
                    yield answer

    async def _executed(
        self, operation: Operation[Context, None], context: Context, text: str
    ) -> AsyncGenerator[Any, None]:
        stream = await self.schema.stream(
            text,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.operation_name,
        )
        async with aclosing(stream):
            async for answer in stream:
                yield answer

    async def _follow(
        self, operation: Operation[Context, None], context: Context, text: str
    ) -> None:
        """From here on it is no task any more, but a follower in its group."""
        if self.operations.get(operation.id) is not operation:
            return
        asked = Asking.of(text, operation.operation_name, operation.variables, context.locales)
        self.sessions.begin(self.viewer.require_user())
        follower = SocketSubscriber(self, operation.id)
        self.operations[operation.id] = cast("Any", follower)
        await self.groups.join(follower, cast("AcceptedSubscription", context.accepted), asked)

    def ended(self, follower: SocketSubscriber) -> None:
        """The operation's id is free again."""
        if self.operations.get(follower.id) is cast("Any", follower):
            del self.operations[follower.id]
            self.sessions.finish(self.viewer.require_user())

    async def cleanup_operation(self, operation_id: str) -> None:
        follower: Any = self.operations.get(operation_id)
        if isinstance(follower, SocketSubscriber):
            self.ended(follower)
            follower.leave()
        else:
            await super().cleanup_operation(operation_id)

    def forget_id(self, id: str) -> None:
        """An operation that was ended with its socket has nobody left to tell."""
        if id not in self.operations:
            raise _OperationStreamClosed
        super().forget_id(id)

    async def shutdown(self) -> None:
        if self._end:
            self._end.cancel()
        if self._guarded:
            self.sessions.remove(self)
        await super().shutdown()

    async def handle_task_exception(self, error: Exception) -> None:
        """A client that is gone is no failure of the operation that told it something."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    def session_ended(self) -> None:
        self._close_soon(SESSION_ENDED, "The session has ended.")

    def session_unverifiable(self) -> None:
        self._close_soon(RESTART, retry_hint())

    def _patience(self) -> float:
        """Until a little before the token ends, and at random.

        So sockets opened together don't return together, and no operation ends
        first, as if it were complete.
        """
        left = max(0.0, (self.context.expires or 0.0) - time.time())
        return left - random.uniform(0.2, 1) * min(EARLY_SECONDS, left / 10)  # noqa: S311

    def _close_soon(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        """No operation outlives the right to it, even if the client leaves the close unanswered."""
        for id in list(self.operations):
            await self.cleanup_operation(id)
        with suppress(WebSocketDisconnect, RuntimeError):
            await self.websocket.close(code=code, reason=reason)
