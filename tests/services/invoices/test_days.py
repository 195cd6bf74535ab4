"""The day and the fiscal year of a document are those of its seller."""

from datetime import UTC, date, datetime

from models.invoices.series import InvoiceKind
from services.invoices.numbering import Issuer, take_number
from tests.factories.world import World

LATE = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)  # 1:30 on 1 April in India


async def test_a_document_is_of_the_day_at_its_seller(world: World) -> None:
    """Not of the day in UTC: odoo/odoo#41111."""
    async with world.database.session() as session, session.begin():
        taken = [
            await take_number(session, Issuer(None, "IN", zone), InvoiceKind.TAX_INVOICE, LATE)
            for zone in ("Asia/Kolkata", "UTC")
        ]
    assert [one.issued_on for one in taken] == [date(2026, 4, 1), date(2026, 3, 31)]
    assert [one.fiscal_year for one in taken] == [2026, 2025]
