"""A source of reads without a request."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.security.sealed import Sealer
from core.statements.statement import Statement
from services.viewer import ANONYMOUS, Viewer

Result = TypeVar("Result")


@dataclass
class DatabaseSource:
    """Reads for a viewer, whose connections are not counted."""

    database: Database
    viewer: Viewer = ANONYMOUS

    @property
    def sealer(self) -> Sealer:
        raise NotImplementedError

    async def fetch(self, statement: Statement[Result], **values: Any) -> list[Result]:
        return await self.database.reads.fetch(statement, {**self.viewer.parameters, **values})

    def read_session(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.database.session()
