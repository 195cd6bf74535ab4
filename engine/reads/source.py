"""Where the loaders and lists of one caller read from."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.statements.statement import Statement
from services.viewer import Viewer

Result = TypeVar("Result")


class ReadSource(Protocol):
    """Reads for one caller, within the caller's share of the connections."""

    @property
    def viewer(self) -> Viewer: ...

    @property
    def sealer(self) -> Sealer: ...

    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        """Return the rows of a statement, with the parameters of the viewer's kind."""
        ...

    def read_session(self) -> AbstractAsyncContextManager[AsyncSession]: ...
