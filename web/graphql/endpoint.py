"""The `/graphql` endpoint."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
import structlog
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.exceptions import ConnectionRejectionError
from strawberry.schema import BaseSchema
from strawberry.types.unset import UNSET, UnsetType

from core.errors import CsrfTokenWrong
from core.limits.networks import network_of
from core.observability.caller import caller_device, caller_network
from core.security.password_threads import IsGone
from core.web.user_agents import device_of
from engine.context import AppState, Context
from engine.live.execution import ChangeExecutor
from engine.live.group_registry import GroupRegistry
from web.caller_address import caller_address
from web.graphql.authentication import authenticate, authenticate_browser
from web.graphql.browser_requests import (
    CSRF_PARAMETER,
    BrowserSettings,
    Handshake,
    asks_for_browser_mode,
    read_request,
)
from web.graphql.connection_registry import ConnectionRegistry
from web.graphql.content_negotiation import accepted_languages
from web.graphql.graphql_request import BadRequest, received_bytes
from web.graphql.http import HTTPTransport
from web.graphql.socket_adapter import SocketAdapter, shorten_reason
from web.graphql.sse import ResumableSSETransport, SSESubscriptions
from web.graphql.websocket import TRY_AGAIN_LATER, SocketHandler

NO_PAYLOAD: UnsetType = UNSET
NOTHING = r"(?!)"
MAX_ORIGIN = 200
CONNECTION_INIT_TIMEOUT = timedelta(seconds=10)
# In a scope: the context of a caller that the short path has authenticated, or why it could not.
AUTHENTICATED = "haat.authenticated"
PROTOCOLS = ("graphql-transport-ws", "graphql-sse")

log = structlog.get_logger(__name__)
Page = Callable[[Request], Awaitable[Response]]


class Endpoint(HTTPTransport):
    """Adds authentication, WebSocket and SSE subscriptions, and the GraphiQL page."""

    graphql_transport_ws_handler_class = SocketHandler
    websocket_adapter_class: Any = SocketAdapter

    def __init__(self, schema: BaseSchema, app: AppState, page: Page | None) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if page else None,
            subscription_protocols=PROTOCOLS,
            connection_init_wait_timeout=CONNECTION_INIT_TIMEOUT,
            max_subscriptions_per_connection=None,  # ConnectionRegistry counts, with an error code
            allowed_origins=app.settings.cors_origins,
        )
        self._local_origins = re.compile(app.settings.local_origins or NOTHING)
        self.stream_transport_classes_by_protocol = {"graphql-sse": ResumableSSETransport}
        executor = ChangeExecutor(schema, app)
        self.groups = GroupRegistry(executor, app.feed, app.pubsub)
        self.sessions = ConnectionRegistry(app.revocations, app.presence, app.settings)
        self.events = SSESubscriptions(self.groups, self.sessions, executor)
        self.app = app
        self.browser = BrowserSettings(app.settings.address.startswith("https:"))
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or close a socket whose token cannot be verified now."""
        try:
            await super().__call__(scope, receive, send)
        except HTTPException as problem:
            if scope["type"] != "websocket":
                raise
            reason = shorten_reason(problem.reason)
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": reason})

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        """Allow the origins that CORS allows. Not called for the origin of this server."""
        allowed = super().is_websocket_origin_allowed(request, origin)
        if not (allowed or self._local_origins.fullmatch(origin)):
            log.warning("socket.origin_refused", origin=origin[:MAX_ORIGIN], setting="CORS_ORIGINS")
            return False
        return True

    async def stop(self) -> None:
        """Stop the subscriber groups. Call it after all sockets and streams have been closed."""
        await self.groups.stop()
        await self.sessions.stop()

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        known: Context | BadRequest | None = request.scope.get(AUTHENTICATED)
        if isinstance(known, BadRequest):
            raise known
        is_gone = request.is_disconnected if isinstance(request, Request) else None
        context = known or await self.authenticate(request.scope, request.headers, is_gone)
        if isinstance(request, Request):
            request.state.context = context
        return context

    def caller_of(self, scope: Scope) -> str:
        """Return the caller's address, and note its network for log events."""
        address = caller_address(scope)
        caller_network.set(network_of(address))
        return address

    async def authenticate(
        self, scope: Scope, headers: Mapping[str, str], is_gone: IsGone | None
    ) -> Context:
        """Return the context of a caller. Raises `BadRequest` if it cannot be verified."""
        address = self.caller_of(scope)
        user_agent = headers.get("user-agent", "")
        caller_device.set(device_of(user_agent))
        context = Context(
            app=self.app,
            locales=accepted_languages(headers.get("accept-language", "")),
            address=address,
            user_agent=user_agent,
            last_event_id=headers.get("last-event-id"),
        )
        if is_gone is not None:
            context.is_gone = is_gone
        if scope["type"] == "websocket":
            context.handshake = Handshake.read(self.browser, headers)
        elif asks_for_browser_mode(headers):
            context.browser = read_request(self.browser, scope["method"], headers)
            return await authenticate_browser(context)
        return await authenticate(context, headers.get("authorization"))

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        parameters = {
            name.lower(): value for name, value in (context.connection_params or {}).items()
        }
        if languages := parameters.get("acceptlanguage"):
            context.locales = accepted_languages(str(languages))
        if authenticated := await self._authenticate_socket(context, parameters):
            viewer = authenticated.viewer
            if viewer.problem and viewer.ended_session_id is None:
                raise ConnectionRejectionError
            context.viewer, context.expires = authenticated.viewer, authenticated.expires
            context.loaders.adopt(authenticated.loaders)
        context.connection_params = None
        return NO_PAYLOAD

    async def _authenticate_socket(
        self, context: Context, parameters: Mapping[str, Any]
    ) -> Context | None:
        """Return the context of a token, or of the cookie if the page knows its token.

        Raises `ConnectionRejectionError`.
        """
        authorization, handshake = parameters.get("authorization"), context.handshake
        context.handshake = None
        try:
            if CSRF_PARAMETER in parameters:
                context.browser = handshake and handshake.mode(parameters)
                if context.browser is None or authorization is not None:
                    raise ConnectionRejectionError
                context.browser.ensure_proven()
                return await authenticate_browser(context)
            if authorization is not None:
                return await authenticate(context, str(authorization))
        except (BadRequest, CsrfTokenWrong) as error:
            raise ConnectionRejectionError from error
        return None

    async def render_graphql_ide(self, request: Request) -> Response:
        if self._page is None:
            return await super().render_graphql_ide(request)
        return await self._page(request)

    def decode_json(self, data: str | bytes) -> Any:
        return decode(data)

    def encode_json(self, data: object) -> str:
        return encode(data).decode()


def decode(data: str | bytes) -> Any:
    """Decode strict JSON: no NaN, and no lone surrogates, which no later step could encode."""
    given = data.encode(errors="replace") if isinstance(data, str) else data
    received_bytes.set(len(given))
    return orjson.loads(data)


def encode(response: object) -> bytes:
    return orjson.dumps(response)
