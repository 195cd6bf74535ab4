"""The context in which an answer is made for all anonymous callers."""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from engine.context import Context
from services.public_changes import TABLES
from services.viewer import ANONYMOUS, Viewer

Result = TypeVar("Result")


@dataclass(frozen=True)
class PublicViewer(Viewer):
    """An anonymous viewer that notes what was read of it.

    `kind` alone is the same for all callers that an answer is kept for: access queries decide by it
    that the viewer is anonymous. An answer for which anything else was `asked` is not kept.
    """

    asked: list[str] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:
        if name == "asked" or name.startswith("_"):
            return object.__getattribute__(self, name)
        if name != "kind":
            self.asked.append(name)
        return getattr(ANONYMOUS, name)


@dataclass
class PublicContext(Context):
    """A context without a caller: it has neither an address nor a user agent.

    It notes the public `tables` that are read, all of them if a session is opened. Each context has
    connections of its own, as many as a caller.
    """

    viewer: PublicViewer = field(default_factory=PublicViewer)
    tables: set[str] = field(init=False, default_factory=set)

    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        self.tables |= statement.tables & TABLES
        return await super().fetch(statement, **values)

    @asynccontextmanager
    async def read_session(self) -> AsyncIterator[AsyncSession]:
        self.tables |= TABLES
        async with super().read_session() as session:
            yield session

    @property
    def caller(self) -> Hashable:
        return id(self)

    @property
    def is_shareable(self) -> bool:
        """Whether the answer is the same for all anonymous callers."""
        return not self.viewer.asked
