"""An issued document never changes: triggers refuse it to servers and to owners of tables."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import Database
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.models.invoices import rows

CHANGES = (
    "UPDATE invoice SET number = 'X'",
    "UPDATE invoice SET total = 1, taxable = 1",
    "UPDATE invoice SET content = '{}'",
    "UPDATE invoice SET issued_on = issued_on + 1",
    "UPDATE invoice SET buyer_id = NULL",
    "UPDATE invoice SET sha256 = '\\x01' WHERE sha256 IS NOT NULL",
    "DELETE FROM invoice",
)


@pytest.mark.parametrize("role", ["the server", "a superuser"])
async def test_triggers_refuse_to_change_an_invoice(
    world: World, database: Database, superuser: Database, role: str
) -> None:
    till = await Till.open(world)
    await rows.make(world, till)
    used = database if role == "the server" else superuser
    async with used.session() as session, session.begin():
        await session.execute(text("UPDATE invoice SET state = 'RENDERED', sha256 = '\\x00'"))
    for change in CHANGES:
        with pytest.raises(DBAPIError, match="An issued document does not change"):
            async with used.session() as session, session.begin():
                await session.execute(text(change))
    with pytest.raises(DBAPIError):
        async with used.session() as session, session.begin():
            await session.execute(text("TRUNCATE invoice"))
