"""Invoices for commission: one for each vendor, month and currency.

They are of the sub-orders that were released in the month: what of them can be refunded is over.
The amounts are those that the ledger has, less what refunds gave back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_skeleton
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from models.invoices.content import InvoiceContent, InvoiceSums
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import Treatment
from models.vendors import Vendor
from services.i18n import language_of, translate
from services.invoices.content.parties import find_vendor_party
from services.invoices.content.platform import Operator
from services.invoices.content.purchases import service_line, taxed_service
from services.invoices.content.suborders import place_of_supply
from services.invoices.issuing import InvoiceDraft, find_issued, issue_document, once
from services.transaction import OpenTransaction

log = structlog.get_logger(__name__)

EARNED = text(
    """
    SELECT part.vendor_id, ordered.currency, count(DISTINCT part.id),
        sum(entry.amount * CASE
            WHEN credit.kind = 'COMMISSION' THEN 1 WHEN debit.kind = 'COMMISSION' THEN -1 ELSE 0
        END),
        sum(entry.amount * CASE
            WHEN credit.kind = 'GST_OUT' THEN 1 WHEN debit.kind = 'GST_OUT' THEN -1 ELSE 0 END)
    FROM suborder AS part
    JOIN "order" AS ordered ON ordered.id = part.order_id
    JOIN ledger_entry AS entry ON entry.source_id = part.id AND entry.posting = ANY(
        ARRAY(SELECT 'grant:' || refund.id FROM refund WHERE refund.order_id = ordered.id)
        || ('confirm:' || ordered.id)
    )
    JOIN ledger_account AS debit ON debit.id = entry.debit_id
    JOIN ledger_account AS credit ON credit.id = entry.credit_id
    WHERE part.state = 'RELEASED' AND part.ended_at >= :start AND part.ended_at < :stop
    GROUP BY part.vendor_id, ordered.currency
    ORDER BY part.vendor_id, ordered.currency
    """
)


@dataclass(frozen=True)
class Month:
    """A calendar month in the time zone of the operator."""

    first: date
    zone: ZoneInfo

    @classmethod
    def before(cls, day: date, zone: ZoneInfo) -> "Month":
        """Return the month before that of a day."""
        year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
        return cls(date(year, month, 1), zone)

    @property
    def next(self) -> date:
        first = self.first
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)

    @property
    def last(self) -> date:
        return date.fromordinal(self.next.toordinal() - 1)

    def at(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class Earned:
    """The commission of a vendor's sub-orders in a month, and the tax on it."""

    vendor_id: UUID
    currency: str
    count: int
    commission: int
    tax: int


async def find_earned(session: AsyncSession, month: Month) -> Sequence[Earned]:
    """Return what was earned in a month by vendor and currency."""
    given = {"start": month.at(month.first), "stop": month.at(month.next)}
    found = (await session.execute(EARNED, given)).all()
    earned = [Earned(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in found]
    return [one for one in earned if one.commission > 0]


async def issue_month(
    transaction: OpenTransaction, sealer: Sealer, operator: Operator, month: Month
) -> None:
    """Issue the invoices of a month, each in a transaction. A failure does not keep the others."""
    async with transaction() as session:
        earned = await find_earned(session, month)
    for one in earned:
        try:
            with once():
                async with transaction() as session:
                    await issue_commission(session, sealer, operator, month, one)
        except Exception:
            log.exception("invoice.commission_skipped", vendor_id=str(one.vendor_id))


async def issue_commission(
    session: AsyncSession, sealer: Sealer, operator: Operator, month: Month, earned: Earned
) -> Invoice:
    """Issue the invoice for a vendor's commission of a month, or return the one that it has."""
    source_id = uuid5(earned.vendor_id, f"commission {month} {earned.currency}")
    if (known := await find_issued(session, source_id)) is not None:
        return known
    vendor = await session.get_one(Vendor, earned.vendor_id)
    buyer = await find_vendor_party(session, sealer, vendor)
    group = taxed_service(operator, earned.commission, earned.tax, buyer.place)
    title = UserMessage(
        "Commission for {count} orders, {month}",
        count=earned.count,
        month=format_skeleton("yMMMM", month.first, locale=language_of([vendor.locale])),
    )
    content = InvoiceContent(
        lines=[service_line(translate(title, [vendor.locale]), group)],
        groups=[group],
        treatment=Treatment.TAXED if group.taxes else Treatment.NOT_TAXED,
        place_of_supply=place_of_supply(operator.party.country, buyer.place),
        supplied_on=month.last,
    )
    draft = InvoiceDraft(
        source_id=source_id,
        kind=InvoiceKind.COMMISSION,
        issuer=operator.issuer,
        currency=earned.currency,
        locale=vendor.locale,
        seller=operator.party,
        buyer=buyer,
        content=content,
        sums=InvoiceSums.of([group]),
        vendor_id=vendor.id,
    )
    return await issue_document(session, sealer, draft)
