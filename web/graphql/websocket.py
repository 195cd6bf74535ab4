"""GraphQL over WebSocket (`graphql-transport-ws`): authentication, limits, changes and closing.

This is the only file that uses private parts of Strawberry's handler, which is pinned:

- `operations` holds a `SocketSubscriber` in place of Strawberry's operation once a subscription is
  accepted, so that no task exists per subscription. Its `task` is None, which Strawberry's cleanup
  accepts. Tests: test_sharing.py, and the completed operation in test_sockets.py.
- `_OperationStreamClosed` is what Strawberry raises to stop a stream whose operation was ended.
  Test: test_an_operation_that_outlives_its_socket_is_no_failure.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from functools import partial
from typing import Any, cast

from graphql import GraphQLError
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

from core.errors import BudgetExceeded, NotSignedIn, UserMessage
from core.observability import metrics
from core.runtime.reconnect import RESTART, retry_hint
from engine.context import Context
from engine.errors.codes import Fault
from engine.errors.conversion import format_error
from engine.limits.charging import charge_length, ensure_charged
from engine.limits.extension import refused
from engine.live.group_registry import GroupRegistry
from engine.live.operation_key import OperationKey, is_subscription
from engine.live.sources import AcceptedSubscription
from services.viewer import Viewer
from web.graphql import known_subscriptions
from web.graphql.authentication import ensure_session_valid
from web.graphql.connection_registry import ConnectionRegistry
from web.graphql.graphql_request import BadRequest, GraphQLRequest
from web.graphql.persisted_queries import find_or_charge
from web.graphql.socket_messages import find_violation
from web.graphql.socket_subscriber import GuardedConnection, SocketSubscriber, json_frame

MAX_EARLY_SECONDS = 60.0
TOKEN_ENDED = 4403  # graphql-ws reconnects, with a fresh token
SESSION_ENDED = 4401  # graphql-ws gives up
IDLE = 4408  # graphql-ws reconnects
TOO_MANY = 4429  # graphql-ws gives up
TRY_AGAIN_LATER = 1013  # graphql-ws reconnects


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Gives each operation its own context, and closes the socket with its token or session."""

    def __init__(self, view: Any, websocket: Any, *more: Any, **others: Any) -> None:
        super().__init__(view, websocket, *more, **others)
        scope = websocket.ws.scope
        self.connection: GuardedConnection = scope["state"]["connection"]
        scope["headers"].clear()  # a socket lives for hours, and they are never read again
        self.groups: GroupRegistry = view.groups
        self.sessions: ConnectionRegistry = view.sessions
        self._guarded = False
        self._init_timer: asyncio.TimerHandle | None = None
        self._token_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._was_idle = False
        self._closing: asyncio.Task[None] | None = None

    @property
    def viewer(self) -> Viewer:
        return self.context.viewer

    async def handle(self) -> None:
        with metrics.SOCKETS.track_inprogress():
            await super().handle()

    def on_request_accepted(self) -> None:
        """Wait for `connection_init` with a timer, and not with a task for each socket."""
        seconds = self.connection_init_wait_timeout.total_seconds()
        later = asyncio.get_running_loop().call_later
        self._init_timer = later(seconds, self._end_without_init)

    def _end_without_init(self) -> None:
        self.connection_timed_out = True
        self._close_soon(IDLE, "Connection initialisation timeout")

    async def handle_message(self, message: Any) -> None:
        if violation := find_violation(message):
            await self.handle_invalid_message(violation)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        if message.get("payload") is None:  # `null` is no payload, as in graphql-ws
            message["payload"] = {}
        if self._init_timer:
            self._init_timer.cancel()
            self._init_timer = None
        await super().handle_connection_init(message)
        if not self.connection_acknowledged:
            return
        if self.viewer.ended_session_id is not None:  # a rejection would have clients reconnect
            await self._close(SESSION_ENDED, "The session has ended.")
            return
        if self._guarded or self._idle_timer:
            return
        if self.viewer.user_id is None:
            self._watch_idleness()
            return
        self.connection.release_slots()
        if not self.sessions.has_room(self.viewer.user_id):
            await self._close(TOO_MANY, "You have too many open windows or apps. Close one first.")
            return
        self._guarded = True
        self.sessions.add(self)
        ended = partial(self._close_soon, TOKEN_ENDED, "The access token has ended.")
        later = asyncio.get_running_loop().call_later
        self._token_timer = later(self._seconds_left(), ended)

    async def send_message(self, message: Any) -> None:
        """Send without the layers that wrap each message, if the connection can take it now."""
        if not (self.connection.is_open() and self.connection.try_write(json_frame(message))):
            await super().send_message(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Accept a document by its hash as well. `run_operation` looks it up."""
        self._was_idle = False
        payload: dict[str, Any] = dict(message["payload"])
        limit = self.context.app.settings.socket_operations
        if len(self.operations) >= limit and message["id"] not in self.operations:
            metrics.REFUSED.labels("socket_operations").inc()
            many = UserMessage(
                "This window already follows {most} things at once. Close one first.", most=limit
            )
            await self._refuse(message["id"], refused(Fault.RATE_LIMITED, many))
            return
        try:
            payload["query"] = GraphQLRequest.of(payload)
        except BadRequest as problem:
            await self._refuse(message["id"], refused(Fault.BAD_USER_INPUT, problem.reason))
            return
        message["payload"] = cast("SubscribeMessagePayload", payload)
        await super().handle_subscribe(message)

    async def _refuse(self, id: str, error: GraphQLError) -> None:
        """Answer an operation that is not run with an error, and charge for it."""
        with suppress(BudgetExceeded):  # the client gets this error in any case
            await ensure_charged(self.context.for_operation())
        formatted = format_error(error, self.context.locales).formatted
        answer: Any = {"id": id, "type": "error", "payload": [formatted]}
        await self.send_message(answer)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Run an operation to its end. An accepted subscription is handed to its group."""
        context = self.context.for_operation()
        try:
            await ensure_session_valid(context.app, context.viewer)
            request = cast("GraphQLRequest", operation.query)
            context.request_bytes = request.size
            text = await find_or_charge(context, request)
            if not await self._start_known(operation, context, text):
                async with aclosing(self._results(operation, context, text)) as results:
                    await self._send_result_stream(operation, results)
                with suppress(BudgetExceeded):  # the operation was answered
                    await ensure_charged(context)
            if context.accepted:
                await self._subscribe(operation, context, context.accepted, text)
            else:
                await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except GraphQLError as error:
            await operation.send_initial_errors([format_error(error, context.locales)])
        except NotSignedIn:
            self.session_ended()
        except BadRequest:  # the database does not answer
            self.session_unverifiable()
        except (_OperationStreamClosed, WebSocketDisconnected):
            pass  # the client is gone, or has ended the operation
        except Exception as error:  # noqa: BLE001 - it is logged, and the operation ends
            await self.handle_task_exception(error)
            with suppress(WebSocketDisconnected):
                await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _start_known(
        self, operation: Operation[Context, None], context: Context, text: str
    ) -> bool:
        """Start a subscription of a document that is known to be valid. Return whether it was one.

        If it has to be refused before it is charged, it is not started here.
        """
        name, documents = operation.operation_name, context.app.document_cache
        known = known_subscriptions.find_known(documents, text, name, operation.variables)
        if known is None:
            return False
        async with self.groups.start_limiter:
            errors = await known_subscriptions.start(self.schema, context, known)
        if errors:
            await operation.send_initial_errors(errors)
        return errors is not None

    async def _results(
        self, operation: Operation[Context, None], context: Context, text: str
    ) -> AsyncGenerator[Any, None]:
        """Execute. A subscription yields nothing, or the errors that refuse it.

        Its results are collected before any is sent: a client that does not read must not hold
        one of the few places of the limiter.
        """
        charge = await charge_length(context, text)  # before the document is parsed
        may_parse = charge is None or charge.allowed
        documents, name = context.app.document_cache, operation.operation_name
        if may_parse and is_subscription(documents, text, name):
            async with self.groups.start_limiter:
                results = [one async for one in self._execute(operation, context, text)]
            for result in results:
                yield result
        else:
            async with aclosing(self._execute(operation, context, text)) as stream:
                async for result in stream:
                    yield result

    async def _execute(
        self, operation: Operation[Context, None], context: Context, text: str
    ) -> AsyncGenerator[Any, None]:
        stream = await self.schema.stream(
            text,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.operation_name,
        )
        async with aclosing(stream):
            async for result in stream:
                yield result

    async def _subscribe(
        self,
        operation: Operation[Context, None],
        context: Context,
        accepted: AcceptedSubscription,
        text: str,
    ) -> None:
        """Replace the operation, whose task ends here, by a subscriber in its group."""
        if self.operations.get(operation.id) is not operation:
            return  # the client completed it meanwhile
        key = OperationKey.of(text, operation.operation_name, operation.variables, context.locales)
        self.sessions.begin(self.viewer.require_user())
        subscriber = SocketSubscriber(self, operation.id)
        self.operations[operation.id] = cast("Any", subscriber)
        await self.groups.join(subscriber, accepted, key)

    def forget(self, subscriber: SocketSubscriber) -> None:
        if self.operations.get(subscriber.id) is cast("Any", subscriber):
            del self.operations[subscriber.id]
            self.sessions.finish(self.viewer.require_user())

    async def cleanup_operation(self, operation_id: str) -> None:
        subscriber: Any = self.operations.get(operation_id)
        if isinstance(subscriber, SocketSubscriber):
            self.forget(subscriber)
            subscriber.leave()
        else:
            await super().cleanup_operation(operation_id)

    def forget_id(self, id: str) -> None:
        """Free the id of an operation. Stop silently if it was ended with its socket."""
        if id not in self.operations:
            raise _OperationStreamClosed
        super().forget_id(id)

    async def shutdown(self) -> None:
        for timer in (self._init_timer, self._token_timer, self._idle_timer):
            if timer:
                timer.cancel()
        if self._guarded:
            self.sessions.remove(self)
        await super().shutdown()

    async def handle_task_exception(self, error: Exception) -> None:
        """Log an error, unless it is only that the client is gone."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    def session_ended(self) -> None:
        self._close_soon(SESSION_ENDED, "The session has ended.")

    def rights_changed(self) -> None:
        self._close_soon(TOKEN_ENDED, "The rights of the user have changed.")

    def session_unverifiable(self) -> None:
        self._close_soon(RESTART, retry_hint())

    def _watch_idleness(self) -> None:
        """Close the socket once it has run no operation for a while, because it has no user."""
        if self._was_idle:
            self._close_soon(IDLE, "No operation for a while, and no user. Connect again.")
            return
        self._was_idle = not self.operations
        seconds = self.context.app.settings.anonymous_socket_seconds
        later = asyncio.get_running_loop().call_later
        self._idle_timer = later(seconds, self._watch_idleness)

    def _seconds_left(self) -> float:
        """Return the time until shortly before the token ends, at random.

        At random, so that sockets that were opened together do not reconnect together. Before,
        because an operation that is refused for its token would end as if it were complete.
        """
        left = max(0.0, (self.context.expires or 0.0) - time.time())
        return left - random.uniform(0.2, 1) * min(MAX_EARLY_SECONDS, left / 10)  # noqa: S311 - no secret

    def _close_soon(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        """End all operations first: the client may leave the close frame unanswered for long."""
        for id in list(self.operations):
            await self.cleanup_operation(id)
        await self.websocket.close(code=code, reason=reason)
