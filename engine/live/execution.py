"""One change as its followers are told it: executed without a viewer, and encoded once."""

from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, cast

import orjson
from graphql import ExecutionResult, GraphQLError, execute
from sqlalchemy.exc import SQLAlchemyError
from strawberry.execution import optimized_is_awaitable
from strawberry.schema import BaseSchema

from core import metrics
from engine.context import AppState, Context
from engine.errors import format_error
from engine.live.operation_key import Operation
from engine.strawberry_internals import graphql_schema
from services.viewer import Viewer


class ViewerDependent(Exception):
    """Something told to many asked who of them reads it."""


@dataclass(frozen=True)
class SharedViewer(Viewer):
    """In place of the viewer where many are told at once: to ask anything of it is an error."""

    asked: list[str] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:
        if name in READABLE:
            object.__getattribute__(self, "asked").append(name)
            raise ViewerDependent(name)
        return object.__getattribute__(self, name)


READABLE = {
    "user_id",
    "session_id",
    "admin",
    "problem",
    "scopes",
    "uses_api_token",
    "require_user",
    "optional_user_id",
}


@dataclass(frozen=True, slots=True)
class EncodedResult:
    """What is told of one change: its JSON, without whose operation it is, and the cursor."""

    payload: bytes
    cursor: str | None = None


class ChangeExecutor:
    """Executes an operation for a change, in the schema and the house of this process."""

    def __init__(self, schema: BaseSchema, app: AppState) -> None:
        self.app = app
        self._schema = graphql_schema(schema)

    def context(self, operation: Operation, viewer: Viewer | None) -> Context:
        """Of whoever is told, or of the one viewer whom all of it is for."""
        return Context(self.app, viewer or SharedViewer(), list(operation.locales))

    async def tell(
        self, operation: Operation, context: Context, change: Any, cursor: str | None
    ) -> EncodedResult:
        """`ViewerDependent` if the answer would be another for another viewer.

        What the database could not answer is raised, for it may be tried again.
        """
        metrics.EXECUTIONS.inc()
        running = execute(
            self._schema,
            self.app.document_cache.read(operation.text).document,
            root_value=change,
            context_value=context,
            variable_values=dict(operation.variables),
            operation_name=operation.name,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        result = await running if isawaitable(running) else running
        if isinstance(context.viewer, SharedViewer) and context.viewer.asked:
            raise ViewerDependent(context.viewer.asked[0])
        _raise_outages(result)
        return EncodedResult(_encoded(result, list(operation.locales)), cursor)

    def final_error(self, operation: Operation, error: Exception) -> EncodedResult:
        """Why the stream is over."""
        told = GraphQLError(str(error), original_error=error)
        return EncodedResult(_encoded(ExecutionResult(None, [told]), list(operation.locales)))


def _encoded(result: ExecutionResult, locales: list[str]) -> bytes:
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [format_error(error, locales).formatted for error in result.errors]
    return orjson.dumps(answer)


def _raise_outages(result: ExecutionResult) -> None:
    for error in result.errors or ():
        if isinstance(error.original_error, SQLAlchemyError | OSError):
            raise error.original_error
