"""Sources of rows, for code that reads with a session and without one."""

from typing import Any, Protocol, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.session_connection import reading_connection
from core.statements.statement import Statement

Result = TypeVar("Result")


class RowSource(Protocol):
    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        """Return the rows of a statement."""
        ...


class SessionRows:
    """RowSource with the connection of a session, in its transaction if that has begun."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        return await statement.fetch(await reading_connection(self._session), **values)
