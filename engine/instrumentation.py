"""Metrics, traces and logs of operations: kind, name, outcome and duration."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
)
from opentelemetry.trace import use_span
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import StreamExecutionResult

from core.observability import metrics
from core.observability.request_log import request_log
from core.observability.tracing import tracer
from engine.context import AppState, Context
from engine.errors.codes import Fault
from engine.strawberry_internals import graphql_schema

META = {"__schema", "__type", "__typename"}
REQUEST_ERRORS = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)

Label = tuple[str, str]
"""The kind and the name of an operation. Neither is free text from the client."""


class OperationOutcome:
    """OK, or the code of the first error or refusal."""

    __slots__ = ("code",)

    def __init__(self) -> None:
        self.code = "OK"

    def note(self, errors: list[GraphQLError] | None) -> None:
        """Note the errors of a result, which have their codes."""
        if errors and self.code == "OK":
            self.code = str((errors[0].extensions or {}).get("code", Fault.INTERNAL))


@contextmanager
def recorded(caller: Context, find_label: Callable[[], Label]) -> Iterator[OperationOutcome]:
    """Count, time, trace and log the operation that runs in the block."""
    started, outcome = time.perf_counter(), OperationOutcome()
    span = tracer.start_span("graphql")
    # Without tracing, nothing is attached to the context: a socket that is closed during an
    # operation ends it in another one, where detaching would log a traceback.
    with use_span(span, end_on_exit=True) if span.is_recording() else nullcontext():
        try:
            yield outcome
        except REQUEST_ERRORS:
            outcome.code = Fault.BAD_USER_INPUT
            raise
        except Exception:
            outcome.code = Fault.INTERNAL
            raise
        finally:
            kind, name = find_label()
            if caller.refusals and outcome.code == "OK":
                outcome.code = caller.refusals[0]
            span.update_name(f"{kind} {name}")
            span.set_attribute("haat.outcome", outcome.code)
            _count(caller.request_event, kind, name, outcome.code, time.perf_counter() - started)


def record_kept(event: dict[str, Any], label: Label, started: float) -> None:
    """Count, time, trace and log an operation whose answer was kept. `event` is the request's."""
    kind, name = label
    span = tracer.start_span(f"{kind} {name}")
    if span.is_recording():
        span.set_attribute("haat.outcome", "OK")
        span.set_attribute("haat.kept", True)
    span.end()
    _count(event, kind, name, "OK", time.perf_counter() - started)


def label_of(
    app: AppState, schema: GraphQLSchema, operation: OperationDefinitionNode, name: str | None
) -> Label:
    """Return an operation's kind and root field.

    If only trusted documents run, it is labeled by its name, which is free text otherwise.
    """
    kind = operation.operation.value
    if app.settings.trusted_documents is not None:
        return kind, name or "unnamed"
    return kind, _root_field(schema, operation)


class Instrumentation(SchemaExtension):
    """Records operations. A stream is recorded when it ends.

    Must be the outermost extension, so that errors have their codes.
    """

    def __init__(self) -> None:
        self._outcome = OperationOutcome()

    def on_operation(self) -> Iterator[None]:
        with recorded(self.execution_context.context, self._label) as self._outcome:
            try:
                yield
            finally:
                self._outcome.note(getattr(self.execution_context.result, "errors", None))

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        yield
        self._outcome.note(getattr(result, "errors", None))

    def _label(self) -> Label:
        context = self.execution_context
        document = context.graphql_document
        operation = get_operation_ast(document, context.operation_name) if document else None
        caller: Context = context.context
        if operation is None or not caller.was_parsed:
            return "unknown", "unknown"
        return label_of(
            caller.app, graphql_schema(context.schema), operation, context.operation_name
        )


def _count(
    event: dict[str, Any] | None, kind: str, name: str, outcome: str, seconds: float
) -> None:
    """Count and log. The log event of an HTTP request includes its operation."""
    metrics.operations(kind, name, outcome).inc()
    if kind != "subscription":
        metrics.operation_seconds(kind, name).observe(seconds)
    fields = {"kind": kind, "operation": name, "outcome": outcome}
    if event is not None:
        event |= fields
    else:
        ms = round(seconds * 1000, 1)
        request_log.write("graphql.operation", __name__, **fields, ms=ms)


def _root_field(schema: GraphQLSchema, operation: OperationDefinitionNode) -> str:
    """Return the root field, if the schema has it, or "several"."""
    root = schema.get_root_type(operation.operation)
    nodes = operation.selection_set.selections
    selected = {node.name.value for node in nodes if isinstance(node, FieldNode)}
    if len(selected) != 1:
        return "several"
    (name,) = selected
    return name if name in META or (root and name in root.fields) else "unknown"
