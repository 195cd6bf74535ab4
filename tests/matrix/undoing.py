"""Units of work that end with a rollback, so that every caller finds the same rows."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import Unavailable
from services.transaction import Transactions

Begin = Callable[..., AbstractAsyncContextManager[Any]]
WAYS = ("begin", "begin_prepared", "begin_on_demand")


class Undone(Unavailable):
    """The unit of work was about to be committed."""


class Undoing:
    """Rolls the units of work back that a call begins. What the server does by itself is kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._reached: ContextVar[list[str] | None] = ContextVar("reached", default=None)
        for name in WAYS:
            monkeypatch.setattr(Transactions, name, self._undone(getattr(Transactions, name)))

    @contextmanager
    def of_a_call(self) -> Iterator[list[str]]:
        """Yield the units of work that are about to be committed in the block."""
        reached: list[str] = []
        token = self._reached.set(reached)
        yield reached
        self._reached.reset(token)

    def _undone(self, begin: Begin) -> Begin:
        @asynccontextmanager
        async def begin_undone(*given: Any) -> AsyncIterator[Any]:
            async with begin(*given) as unit:
                yield unit
                if (reached := self._reached.get()) is not None:
                    if isinstance(unit, AsyncSession):
                        await unit.flush()
                    reached.append(begin.__name__)
                    raise Undone

        return begin_undone
