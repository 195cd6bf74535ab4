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

from schema.context import Context, House
from schema.locales import accepted
from subscriptions.asking import Unfit
from subscriptions.callers import signed_in
from subscriptions.events import Events, Resumable
from subscriptions.groups import Groups
from subscriptions.http import OverHTTP
from subscriptions.sessions import Sessions
from subscriptions.socket import SocketHandler
from subscriptions.telling import Teller

NO_PAYLOAD: UnsetType = UNSET
PROTOCOLS = ("graphql-transport-ws", "graphql-sse")
Page = Callable[[Request], Awaitable[Response]]


class Endpoint(OverHTTP):
    """Our callers, our sockets and our page."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, schema: BaseSchema, house: House, page: Page | None) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if page else None,
            subscription_protocols=PROTOCOLS,
            max_subscriptions_per_connection=None,  # ours is counted where it gets its code
            allowed_origins=house.settings.cors_origins,
        )
        self.stream_transport_classes_by_protocol = {"graphql-sse": Resumable}
        teller = Teller(schema, house)
        self.groups = Groups(teller, house.feed, house.hub)
        self.sessions = Sessions(house.feed, house.database, house.presence, house.settings)
        self.events = Events(self.groups, self.sessions, teller)
        self._house = house
        self._page = page

    async def stop(self) -> None:
        """When all sockets and streams have been closed."""
        await self.groups.stop()
        await self.sessions.stop()

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        context = Context(
            house=self._house,
            locales=accepted(request.headers.get("accept-language", "")),
            address=request.client.host if request.client else "",
            last_event_id=request.headers.get("last-event-id"),
        )
        return await signed_in(context, request.headers.get("authorization"))

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        given = {name.lower(): value for name, value in (context.connection_params or {}).items()}
        if languages := given.get("acceptlanguage"):
            context.locales = accepted(str(languages))
        authorization = given.get("authorization")
        if authorization is not None:
            try:
                signed = await signed_in(context, str(authorization))
            except Unfit as problem:
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
