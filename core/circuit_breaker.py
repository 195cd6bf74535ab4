"""Circuit breaker for other processes: stops asking one that does not answer."""

import asyncio
from contextvars import ContextVar
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


class Trial:
    """The one call that an open circuit lets through, with the `calls` within it."""

    __slots__ = ("calls", "task")

    def __init__(self, task: asyncio.Task[object]) -> None:
        self.task = task
        self.calls = 0


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

    Calls within the trial belong to it, those of tasks that it starts included. A session that
    opens another one would otherwise be refused while it proves that the other process answers.
    """

    def __init__(
        self,
        name: str,
        *failures: type[Exception],
        answers: type[Exception] | tuple[type[Exception], ...] = Exception,
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
        self._trial: Trial | None = None
        # Not reset: a generator can be closed in another context, where that raises.
        self._within: ContextVar[Trial | None] = ContextVar("circuit_trial", default=None)

    @property
    def open(self) -> bool:
        """Whether calls are refused, except for one trial after the pause."""
        return self._failed >= self._max_failures

    async def __aenter__(self) -> Self:
        within = self._trial_of_caller()
        if self.open:
            remaining = self._open_until - monotonic()
            if remaining > 0 or (self._trial and not within and not self._trial.task.done()):
                raise CircuitOpen(self.name, max(remaining, 0.0), self._reason)
            within = within or self._begin_trial()
        if within:
            within.calls += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if within := self._trial_of_caller():
            within.calls -= 1
            self._trial = within if within.calls else None
        if isinstance(error, self._failures):
            self._fail(error)
        elif error is None or self._is_answer(error):
            self._succeed()

    def _begin_trial(self) -> Trial:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Only a task can ask another process.")
        self._trial = Trial(task)
        self._within.set(self._trial)
        return self._trial

    def _trial_of_caller(self) -> Trial | None:
        """Return the running trial if this call belongs to it."""
        within = self._within.get()
        return within if within is self._trial else None

    def _is_answer(self, error: BaseException) -> bool:
        """Return whether the other process answered. It did not if a nested call was refused."""
        return isinstance(error, self._answers) and not isinstance(error, CircuitOpen)

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
