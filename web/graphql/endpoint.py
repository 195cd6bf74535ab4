"""`/graphql`: queries and mutations over HTTP, subscriptions over WebSocket and SSE."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.exceptions import ConnectionRejectionError
from strawberry.schema import BaseSchema
from strawberry.types.unset import UNSET, UnsetType

from engine.context import AppState, Context
from engine.live.execution import ChangeExecutor
from engine.live.group_registry import GroupRegistry
from engine.locales import accepted
from web.graphql.authentication import authenticate
from web.graphql.connection_registry import ConnectionRegistry
from web.graphql.graphql_request import BadRequest
from web.graphql.http import HTTPTransport
from web.graphql.sse import ResumableSSETransport, SSESubscriptions
from web.graphql.websocket import SocketHandler

NO_PAYLOAD: UnsetType = UNSET
PROTOCOLS = ("graphql-transport-ws", "graphql-sse")
Page = Callable[[Request], Awaitable[Response]]


class Endpoint(HTTPTransport):
    """Our callers, our sockets and our page."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, schema: BaseSchema, app: AppState, page: Page | None) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if page else None,
            subscription_protocols=PROTOCOLS,
            max_subscriptions_per_connection=None,  # ours is counted where it gets its code
            allowed_origins=app.settings.cors_origins,
        )
        self.stream_transport_classes_by_protocol = {"graphql-sse": ResumableSSETransport}
        teller = ChangeExecutor(schema, app)
        self.groups = GroupRegistry(teller, app.feed, app.pubsub)
        self.sessions = ConnectionRegistry(app.feed, app.database, app.presence, app.settings)
        self.events = SSESubscriptions(self.groups, self.sessions, teller)
        self._app = app
        self._page = page

    async def stop(self) -> None:
        """When all sockets and streams have been closed."""
        await self.groups.stop()
        await self.sessions.stop()

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        context = Context(
            app=self._app,
            locales=accepted(request.headers.get("accept-language", "")),
            address=request.client.host if request.client else "",
            last_event_id=request.headers.get("last-event-id"),
        )
        return await authenticate(context, request.headers.get("authorization"))

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        given = {name.lower(): value for name, value in (context.connection_params or {}).items()}
        if languages := given.get("acceptlanguage"):
            context.locales = accepted(str(languages))
        authorization = given.get("authorization")
        if authorization is not None:
            try:
                signed = await authenticate(context, str(authorization))
            except BadRequest as problem:
                raise ConnectionRejectionError from problem
            if signed.viewer.problem:
                raise ConnectionRejectionError
            context.viewer, context.expires = signed.viewer, signed.expires
            context.loaders = signed.loaders
        context.connection_params = None
        return NO_PAYLOAD

    async def render_graphql_ide(self, request: Request) -> Response:
        if self._page is None:
            return await super().render_graphql_ide(request)
        return await self._page(request)

    def decode_json(self, data: str | bytes) -> Any:
        """Strictly: no NaN, and no half of a surrogate pair, which nothing behind could write."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()
