"""GraphQL over HTTP."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Any

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult, SubscriptionExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from core.errors import BudgetExceeded, Unavailable
from engine.browser_mode import BrowserMode
from engine.context import Context
from engine.errors.codes import Fault
from engine.errors.conversion import format_error
from engine.limits.charging import ensure_charged
from engine.limits.extension import refused
from engine.limits.impersonation import impersonation_result
from engine.live.execution import EncodedResult
from engine.live.operation_key import OperationKey
from web.graphql.browser_requests import BrowserSettings
from web.graphql.content_negotiation import (
    EVENTS,
    GRAPHQL,
    JSON,
    UNAVAILABLE,
    response_media_type,
    was_executed,
)
from web.graphql.graphql_request import (
    BadRequest,
    GraphQLRequest,
    read_body,
    read_query_params,
    received_bytes,
    reject_cross_site_get,
)
from web.graphql.persisted_queries import find_or_charge, store_document
from web.graphql.responses import VARY, response_data, response_head
from web.graphql.sse import SSESubscriptions
from web.middleware.access_log import OPERATION

CODES = {
    403: Fault.FORBIDDEN,
    404: Fault.NOT_FOUND,
    429: Fault.RATE_LIMITED,
    UNAVAILABLE: Fault.UNAVAILABLE,
}


class HTTPTransport(GraphQL[Context, None]):
    """Strawberry's view, adapted to the GraphQL-over-HTTP draft. See docs/http.md."""

    events: SSESubscriptions
    browser: BrowserSettings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        async with AsyncExitStack() as request.state.response_stack:
            try:
                response = await self.run(request)
            except HTTPException as problem:
                response = self._error_response(request, await self._charged(request, problem))
            await response(scope, receive, send)

    async def _charged(self, request: Request, problem: HTTPException) -> HTTPException:
        """Charge for a request that is refused. Returns the reason to refuse it."""
        context: Context | None = getattr(request.state, "context", None)
        if context is None:  # it was not authenticated
            return problem
        context.request_bytes = received_bytes.get()
        try:
            await ensure_charged(context)
        except BudgetExceeded as error:
            return BadRequest(429, str(error), {"Retry-After": str(error.seconds)})
        return problem

    def is_request_allowed(self, request: BaseRequestProtocol) -> bool:
        if request.method not in {"GET", "POST"}:
            raise BadRequest(405, "Use GET or POST.", {"Allow": "GET, POST"})
        return True

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        has_operation = request.query_params.keys() & {"query", "documentId", "extensions"}
        return request.method == "GET" and "text/html" in _accept(request) and not has_operation

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequest:
        if request.method == "GET":
            reject_cross_site_get(request)
            given = read_query_params(request, self.decode_json)
        else:
            given = await read_body(request, self.decode_json)
        return GraphQLRequest.of(
            given, "sse" if response_media_type(_accept(request)) == EVENTS else "http"
        )

    async def execute_operation(  # type: ignore[override] # it returns streams too
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequest,
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | SubscriptionExecutionResult:
        arguments = (request, request_adapter, request_data, context, root_value, sub_response)
        documents = context.app.persisted_documents
        context.request_bytes = request_data.size
        try:
            request_data.query = await find_or_charge(context, request_data)
        except GraphQLError as error:
            error = format_error(error, context.locales)
            acting = impersonation_result(context.viewer) or None
            result: ExecutionResult = PreExecutionError(None, [error], acting)
            if request_data.protocol == "sse":
                return _stream_of(result)  # type: ignore[return-value] # as declared above
        else:
            if request_data.protocol == "sse":
                stream: Any = await super().execute_operation(*arguments)
                events = self._events(request_data, context, stream)
                request.state.response_stack.push_async_callback(events.aclose)
                return events  # type: ignore[return-value] # as declared above
            context.request_event = request.scope.get(OPERATION)
            result = await self.execute_single(
                request, request_adapter, sub_response, context, root_value, request_data
            )
        if was_executed(result):
            await store_document(documents, request_data)
        media = response_media_type(_accept(request))
        status, head = response_head(media, request.method, request.headers, result)
        sub_response.status_code = status
        sub_response.headers.update(head)
        if context.browser is not None:
            sub_response.headers.update(self._browser_head(context.browser))
        return result

    def _browser_head(self, browser: BrowserMode) -> dict[str, str]:
        """Return the headers of a response in browser mode, with a cookie that has changed."""
        head = {"Cache-Control": "private, no-store"}
        if browser.changed:
            head["Set-Cookie"] = self.browser.header(browser)
        return head

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequest,  # type: ignore[override] # its values are JSON
    ) -> ExecutionResult:
        allowed = OperationType.from_http(request_adapter.method) - {OperationType.SUBSCRIPTION}
        try:
            return await self.schema.execute(
                request_data.query,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=allowed,
                operation_extensions=request_data.extensions,
            )
        except CannotGetOperationTypeError as error:
            return PreExecutionError(
                None, [refused(Fault.BAD_USER_INPUT, error.as_http_error_reason())]
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                reason = "Subscribe over WebSocket, or with `Accept: text/event-stream`."
                raise BadRequest(406, reason) from error
            raise BadRequest(405, "Send mutations with POST.", {"Allow": "POST"}) from error

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        response: GraphQLHTTPResponse = response_data(result)
        return response

    async def _events(
        self,
        request: GraphQLRequest,
        context: Context,
        stream: AsyncGenerator[ExecutionResult, None],
    ) -> AsyncGenerator[ExecutionResult | EncodedResult, None]:
        """Yield the results of the execution, then the changes of an accepted subscription."""
        async with aclosing(stream):
            async for result in stream:
                yield result
        with suppress(BudgetExceeded):  # the request was answered
            await ensure_charged(context)
        if not context.accepted:
            return
        operation = OperationKey.of(
            request.query or "", request.operation_name, request.variables, context.locales
        )
        try:
            async with aclosing(
                self.events.results(context, context.accepted, operation)
            ) as messages:
                async for message in messages:
                    yield message
        except GraphQLError as error:
            yield PreExecutionError(None, [format_error(error, context.locales)])

    async def _process_stream_result(
        self, request: Request, value: Any, all_pending: list[Any]
    ) -> tuple[Any, list[Any]]:
        """Pass an `EncodedResult` through: it is encoded once for all subscribers."""
        if isinstance(value, EncodedResult):
            return value, all_pending
        return await super()._process_stream_result(request, value, all_pending)

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        headers = dict(sub_response.headers)
        return Response(self.encode_json(response_data), sub_response.status_code, headers)

    def _error_response(self, request: Request, problem: HTTPException) -> Response:
        code = CODES.get(problem.status_code, Fault.BAD_USER_INPUT)
        headers = {"Cache-Control": "no-store", "Vary": VARY, **getattr(problem, "headers", {})}
        extensions: dict[str, Any] = {"code": code}
        if problem.status_code == UNAVAILABLE:
            headers["Retry-After"] = str(Unavailable.seconds)
        if "Retry-After" in headers:
            extensions["retryAfter"] = int(headers["Retry-After"])
        media = GRAPHQL if response_media_type(_accept(request)) == GRAPHQL else JSON
        headers["Content-Type"] = f"{media}; charset=utf-8"
        body = self.encode_json({"errors": [{"message": problem.reason, "extensions": extensions}]})
        return Response(body, problem.status_code, headers)


def _accept(request: Request | BaseRequestProtocol) -> str:
    return request.headers.get("accept", "")


async def _stream_of(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    yield result
