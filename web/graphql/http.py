"""GraphQL over HTTP: what is taken, what is answered, and who may keep the answer."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult, SubscriptionExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from engine.context import Context
from engine.error_codes import Fault
from engine.errors import format_error
from engine.limits.extension import refused
from engine.live.execution import EncodedResult
from engine.live.operation_key import Operation
from web.graphql.content_negotiation import EVENTS, GRAPHQL, JSON, answered_in, executed, status
from web.graphql.graphql_request import (
    BadRequest,
    GraphQLRequest,
    read_body,
    read_query_params,
    reject_cross_site_get,
)
from web.graphql.sse import SSESubscriptions

VARY = "Accept, Authorization, Accept-Language"  # CORSMiddleware adds Origin
CODES = {403: Fault.FORBIDDEN, 404: Fault.NOT_FOUND, 503: Fault.INTERNAL}
FRESH_SECONDS = 5


class HTTPTransport(GraphQL[Context, None]):
    """Strawberry's view, after the GraphQL-over-HTTP draft; docs/http.md tells it whole."""

    events: SSESubscriptions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        async with AsyncExitStack() as request.state.until_answered:
            try:
                response = await self.run(request)
            except HTTPException as problem:
                response = self._unfit(request, problem)
            await response(scope, receive, send)

    def is_request_allowed(self, request: BaseRequestProtocol) -> bool:
        if request.method not in {"GET", "POST"}:
            raise BadRequest(405, "GraphQL is asked by GET or POST.", {"Allow": "GET, POST"})
        return True

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Only for a browser that asks for nothing else."""
        asks = request.query_params.keys() & {"query", "documentId", "extensions"}
        return request.method == "GET" and "text/html" in _accept(request) and not asks

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequest:
        if request.method == "GET":
            reject_cross_site_get(request)
            given = read_query_params(request, self.decode_json)
        else:
            given = await read_body(request, self.decode_json)
        return GraphQLRequest.of(
            given, "sse" if answered_in(_accept(request)) == EVENTS else "http"
        )

    async def execute_operation(  # type: ignore[override]
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequest,
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | SubscriptionExecutionResult:
        """By the document, whichever way it was named; the head of the answer is set beside it."""
        given = (request, request_adapter, request_data, context, root_value, sub_response)
        documents = context.app.documents
        try:
            request_data.query = await documents.text(request_data)
        except GraphQLError as error:
            result: ExecutionResult = PreExecutionError(None, [error])
            if request_data.protocol == "sse":
                return _stream_of(result)  # type: ignore[return-value]
        else:
            if request_data.protocol == "sse":
                stream: Any = await super().execute_operation(*given)
                followed = self._followed(request_data, context, stream)
                request.state.until_answered.push_async_callback(followed.aclose)
                return followed  # type: ignore[return-value]
            result = await self.execute_single(
                request, request_adapter, sub_response, context, root_value, request_data
            )
        if executed(result):
            await documents.keep(request_data)
        self._head(request, result, sub_response)
        return result

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequest,  # type: ignore[override]
    ) -> ExecutionResult:
        kinds = OperationType.from_http(request_adapter.method) - {OperationType.SUBSCRIPTION}
        try:
            return await self.schema.execute(
                request_data.query,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=kinds,
                operation_extensions=request_data.extensions,
            )
        except CannotGetOperationTypeError as error:
            return PreExecutionError(
                None, [refused(Fault.BAD_USER_INPUT, error.as_http_error_reason())]
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                said = "Subscriptions come by WebSocket, or as `Accept: text/event-stream`."
                raise BadRequest(406, said) from error
            raise BadRequest(405, "Mutations are sent by POST.", {"Allow": "POST"}) from error

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Without `data` where nothing was executed."""
        answer = process_result(result)
        if not executed(result):
            del answer["data"]
        return answer

    async def _followed(
        self, asked: GraphQLRequest, context: Context, stream: AsyncGenerator[ExecutionResult, None]
    ) -> AsyncGenerator[ExecutionResult | EncodedResult, None]:
        """What GraphQL itself answers, and behind it the changes of a subscription."""
        async with aclosing(stream):
            async for result in stream:
                yield result
        if not context.accepted:
            return
        operation = Operation.of(
            asked.query or "", asked.operation_name, asked.variables, context.locales
        )
        try:
            async with aclosing(
                self.events.follow(context, context.accepted, operation)
            ) as messages:
                async for message in messages:
                    yield message
        except GraphQLError as error:
            yield PreExecutionError(None, [format_error(error, context.locales)])

    async def _process_stream_result(
        self, request: Request, value: Any, all_pending: list[Any]
    ) -> tuple[Any, list[Any]]:
        """A change is encoded already."""
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

    def _head(self, request: Request, result: ExecutionResult, response: Response) -> None:
        """Only what anybody would be answered may be kept, and only for a moment."""
        media = answered_in(_accept(request))
        shared = request.method == "GET" and "authorization" not in request.headers
        kept = shared and not result.errors
        response.status_code = status(media, result)
        response.headers["Content-Type"] = f"{media}; charset=utf-8"
        response.headers["Cache-Control"] = (
            f"public, max-age={FRESH_SECONDS}" if kept else "no-store"
        )
        response.headers["Vary"] = VARY

    def _unfit(self, request: Request, problem: HTTPException) -> Response:
        code = CODES.get(problem.status_code, Fault.BAD_USER_INPUT)
        error = {"message": problem.reason, "extensions": {"code": code}}
        media = GRAPHQL if answered_in(_accept(request)) == GRAPHQL else JSON
        headers = {
            "Content-Type": f"{media}; charset=utf-8",
            "Cache-Control": "no-store",
            "Vary": VARY,
        } | dict(getattr(problem, "headers", {}))
        return Response(self.encode_json({"errors": [error]}), problem.status_code, headers)


def _accept(request: Request | BaseRequestProtocol) -> str:
    return request.headers.get("accept", "")


async def _stream_of(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    yield result
