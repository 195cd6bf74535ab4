"""What is told of each operation: its kind, how it ended and how long it took."""

import time
from collections.abc import Iterator

import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import StreamExecutionResult

from core import metrics
from schema.context import Context
from schema.faults import Fault

UNFIT = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)

log = structlog.get_logger(__name__)


class Watch(SchemaExtension):
    """Counts, times and logs; a stream when it ends, as the first error it met.

    Outside all other extensions, so that errors have their codes. A name is told
    only of a trusted document: others are text of the caller's.
    """

    def __init__(self) -> None:
        self._outcome: str = "OK"

    def on_operation(self) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        except UNFIT:
            self._outcome = Fault.BAD_USER_INPUT
            raise
        except Exception:
            self._outcome = Fault.INTERNAL
            raise
        finally:
            self._note(getattr(self.execution_context.result, "errors", None))
            self._tell(time.perf_counter() - started)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        yield
        self._note(getattr(result, "errors", None))

    def _note(self, errors: list[GraphQLError] | None) -> None:
        if errors and self._outcome == "OK":
            self._outcome = str((errors[0].extensions or {}).get("code", Fault.INTERNAL))

    def _tell(self, seconds: float) -> None:
        kind, name = self._kind_and_name()
        metrics.OPERATIONS.labels(kind, name, self._outcome).inc()
        if kind != "subscription":
            metrics.OPERATION_SECONDS.labels(kind, name).observe(seconds)
        told = {"operation": name} if name else {}
        ms = round(seconds * 1000, 1)
        log.info("graphql", kind=kind, outcome=self._outcome, ms=ms, **told)

    def _kind_and_name(self) -> tuple[str, str]:
        context = self.execution_context
        try:
            kind = context.operation_type.value
        except RuntimeError:
            return "unknown", ""
        caller: Context = context.context
        trusted = caller.house.settings.trusted_documents is not None
        return kind, (context.operation_name or "") if trusted else ""
