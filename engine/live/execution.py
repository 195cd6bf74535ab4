"""Executes an operation for one change, without a viewer, and encodes the result."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError
from strawberry.schema import BaseSchema

from core.observability import metrics
from core.outages import DATABASE_ERRORS
from engine.context import AppState, Context
from engine.errors.conversion import format_error
from engine.execution.executor import executor_of
from engine.limits.impersonation import impersonation_result
from engine.live.operation_key import OperationKey
from engine.request_loaders import Loaders
from services.viewer import Viewer

NO_EXTENSIONS: Mapping[str, Any] = {}
BuildChange = Callable[[Loaders], Awaitable[Any]]


class ViewerDependent(Exception):
    """Raised if the result would be another one for another viewer."""


@dataclass(frozen=True)
class SharedViewer(Viewer):
    """Stands in for the viewer while one execution serves many subscribers.

    Reading anything public raises `ViewerDependent`; the group then executes once per viewer. A
    field that turns the error into null must not hide it, so `asked` keeps what was read.
    """

    asked: list[str] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:
        if name == "asked" or name.startswith("_"):
            return object.__getattribute__(self, name)
        self.asked.append(name)
        raise ViewerDependent(name)


@dataclass(frozen=True, slots=True)
class EncodedResult:
    """A GraphQL result as JSON, without the id of an operation, and its cursor."""

    payload: bytes
    cursor: str | None = None


class ChangeExecutor:
    def __init__(self, schema: BaseSchema, app: AppState) -> None:
        self.app = app
        self._executor = executor_of(schema)

    async def execute(
        self,
        operation: OperationKey,
        viewer: Viewer | None,
        build: BuildChange,
        cursor: str | None,
    ) -> EncodedResult:
        """Build a change and execute the operation on it, for one viewer or for many (None).

        Raises `ViewerDependent`, and the database's own errors: they can be retried, so they must
        not become part of a result.
        """
        metrics.EXECUTIONS.inc()
        context = Context(self.app, viewer or SharedViewer(), list(operation.locales))
        change = await build(context.loaders)
        result = await self._executor.execute(
            self.app.document_cache.read(operation.text),
            context=context,
            variables=operation.variables,
            operation_name=operation.name,
            root_value=change,
        )
        if isinstance(context.viewer, SharedViewer) and context.viewer.asked:
            raise ViewerDependent(context.viewer.asked[0])
        _raise_outages(result)
        acting = impersonation_result(viewer) if viewer else {}
        return EncodedResult(_encode(result, list(operation.locales), acting), cursor)

    def final_error(self, operation: OperationKey, error: Exception) -> EncodedResult:
        located = GraphQLError(str(error), original_error=error)
        return EncodedResult(_encode(ExecutionResult(None, [located]), list(operation.locales)))


def _encode(
    result: ExecutionResult, locales: list[str], extensions: Mapping[str, Any] = NO_EXTENSIONS
) -> bytes:
    encoded: dict[str, Any] = {"data": result.data}
    if extensions:
        encoded["extensions"] = extensions
    if result.errors:
        encoded["errors"] = [format_error(error, locales).formatted for error in result.errors]
    return orjson.dumps(encoded)


def _raise_outages(result: ExecutionResult) -> None:
    for error in result.errors or ():
        if isinstance(error.original_error, DATABASE_ERRORS):
            raise error.original_error
