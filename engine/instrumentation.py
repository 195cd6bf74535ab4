"""Metrics, traces and logs of operations: kind, name, outcome and duration."""

import time
from collections.abc import Iterator
from contextlib import nullcontext

import structlog
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, get_operation_ast
from opentelemetry.trace import Span, use_span
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import StreamExecutionResult

from core.observability import metrics
from core.observability.tracing import tracer
from engine.context import Context
from engine.error_codes import Fault
from engine.strawberry_internals import graphql_schema

META = {"__schema", "__type", "__typename"}
REQUEST_ERRORS = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)

log = structlog.get_logger(__name__)


class Instrumentation(SchemaExtension):
    """Counts, times, traces and logs operations. A stream is recorded when it ends.

    Must be the outermost extension, so that errors have their codes. If only trusted documents run,
    operations are labeled by their name; otherwise by their root field, because a name is free text
    from the client.
    """

    def __init__(self) -> None:
        self._outcome: str = "OK"

    def on_operation(self) -> Iterator[None]:
        started = time.perf_counter()
        span = tracer.start_span("graphql")
        # Without tracing, nothing is attached to the context: a socket that is closed during an
        # operation ends it in another one, where detaching would log a traceback.
        with use_span(span, end_on_exit=True) if span.is_recording() else nullcontext():
            try:
                yield
            except REQUEST_ERRORS:
                self._outcome = Fault.BAD_USER_INPUT
                raise
            except Exception:
                self._outcome = Fault.INTERNAL
                raise
            finally:
                self._record_errors(getattr(self.execution_context.result, "errors", None))
                self._record(time.perf_counter() - started, span)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        yield
        self._record_errors(getattr(result, "errors", None))

    def _record_errors(self, errors: list[GraphQLError] | None) -> None:
        if errors and self._outcome == "OK":
            self._outcome = str((errors[0].extensions or {}).get("code", Fault.INTERNAL))

    def _record(self, seconds: float, span: Span) -> None:
        kind, name = self._kind_and_name()
        refusals = self.execution_context.context.refusals
        if refusals and self._outcome == "OK":
            self._outcome = refusals[0]
        span.update_name(f"{kind} {name}")
        span.set_attribute("haat.outcome", self._outcome)
        metrics.OPERATIONS.labels(kind, name, self._outcome).inc()
        if kind != "subscription":
            metrics.OPERATION_SECONDS.labels(kind, name).observe(seconds)
        ms = round(seconds * 1000, 1)
        log.info("graphql.operation", kind=kind, operation=name, outcome=self._outcome, ms=ms)

    def _kind_and_name(self) -> tuple[str, str]:
        context = self.execution_context
        document = context.graphql_document
        operation = get_operation_ast(document, context.operation_name) if document else None
        caller: Context = context.context
        if operation is None or not caller.was_parsed:
            return "unknown", "unknown"
        kind = operation.operation.value
        if caller.app.settings.trusted_documents is not None:
            return kind, context.operation_name or "unnamed"
        return kind, self._root_field(operation)

    def _root_field(self, operation: OperationDefinitionNode) -> str:
        """Return the root field, if the schema has it, or "several"."""
        schema = graphql_schema(self.execution_context.schema)
        root = schema.get_root_type(operation.operation)
        nodes = operation.selection_set.selections
        selected = {node.name.value for node in nodes if isinstance(node, FieldNode)}
        if len(selected) != 1:
            return "several"
        (name,) = selected
        return name if name in META or (root and name in root.fields) else "unknown"
