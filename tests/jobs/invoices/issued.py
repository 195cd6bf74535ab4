"""The documents of a test."""

from collections.abc import Sequence

from sqlmodel import col, select

from models.invoices.invoices import Invoice
from tests.factories.world import World


async def invoices(world: World) -> Sequence[Invoice]:
    """Return all documents, the oldest first."""
    rows = select(Invoice).order_by(col(Invoice.created_at), col(Invoice.number))
    async with world.database.session() as session:
        return (await session.exec(rows)).all()
