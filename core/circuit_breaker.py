"""Circuit breaker for other processes: stops asking one that does not answer."""

import asyncio
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

log = structlog.get_logger(__name__)

MAX_FAILURES = 3
OPEN_SECONDS = 5.0


class CircuitOpen(Exception):
    """The other process failed several times in a row and is not asked for `seconds`.

    `reason` is the type of the last failure.
    """

    def __init__(self, name: str, seconds: float, reason: str) -> None:
        super().__init__(f"{name} is not asked for {seconds:.1f} seconds, after {reason}")
        self.seconds = seconds
        self.reason = reason


class CircuitBreaker:
    """Raises `CircuitOpen` for five seconds after three failures in a row, then lets one call try.

    Without it, each request waits for the whole timeout of a process that hangs. Use one breaker
    per process that is asked, and set the timeout inside of it:

        async with breaker, asyncio.timeout(1):
            await ask()

    An error of one of the types `failures` is a failure, and one of the types `answers` (by
    default any other) is an answer. Everything else is neither, such as a cancellation: a client
    that disconnects proves nothing. Three libraries were read:
    circuitbreaker 2.1, purgatory 3.0 and aiobreaker 1.2 let every waiting call through at once
    after the pause, and the first two take a cancellation for a success.
    """

    def __init__(
        self,
        name: str,
        *failures: type[Exception],
        answers: type[Exception] = Exception,
        max_failures: int = MAX_FAILURES,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        self.name = name
        self._failures = failures
        self._answers = answers
        self._max_failures = max_failures
        self._open_seconds = open_seconds
        self._failed = 0
        self._reason = ""
        self._open_until = 0.0
        self._trial: asyncio.Task[object] | None = None

    @property
    def open(self) -> bool:
        """Whether calls are refused, except for one trial after the pause."""
        return self._failed >= self._max_failures

    async def __aenter__(self) -> Self:
        if self.open:
            remaining = self._open_until - monotonic()
            if remaining > 0 or (self._trial is not None and not self._trial.done()):
                raise CircuitOpen(self.name, max(remaining, 0.0), self._reason)
            self._trial = asyncio.current_task()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._trial is asyncio.current_task():
            self._trial = None
        if isinstance(error, self._failures):
            self._fail(error)
        elif error is None or isinstance(error, self._answers):
            self._succeed()

    def _fail(self, error: BaseException) -> None:
        was_open = self.open
        self._reason = type(error).__name__
        self._failed += 1
        if self.open:
            self._open_until = monotonic() + self._open_seconds
            if not was_open:
                log.warning("circuit.opened", circuit=self.name, error=repr(error))

    def _succeed(self) -> None:
        if self.open:
            log.info("circuit.closed", circuit=self.name)
        self._failed = 0
