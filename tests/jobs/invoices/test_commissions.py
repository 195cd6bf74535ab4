"""Documents for commission: what the ledger has moved is on exactly one of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.database import Database
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order
from models.orders.states import SubOrderState
from models.payments.refunds import Refund, RefundReason
from models.payouts.terms import SuborderRelease
from models.pricing.tax_rules import Treatment
from models.pricing.taxes import TaxComponent
from models.taxes.rates import TaxLevy
from models.vendors import MemberRole, Vendor
from services.invoices.commissions.billing import bill_month
from services.invoices.commissions.months import Month
from services.invoices.content.platform import Operator
from services.ledger.posting import post_entries
from services.transaction import Transactions
from tests.factories.orders import PlacedOrder
from tests.factories.taxes import GST_START
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants.invoices import VIOLATIONS
from tests.jobs.conftest import Work
from tests.jobs.invoices.issued import invoices

KOLKATA = ZoneInfo("Asia/Kolkata")
OCTOBER, NOVEMBER = (Month(date(2026, month, 1), KOLKATA) for month in (10, 11))
EARNED, GST, DUE = (
    Account(kind, "INR")
    for kind in (AccountKind.COMMISSION, AccountKind.GST_OUT, AccountKind.REFUND_DUE)
)
BACKDATE = text("UPDATE ledger_entry SET created_at = :at WHERE posting = :posting")


@dataclass(frozen=True)
class Sales:
    """Orders of a vendor, whose commission is planted in the ledger at any time."""

    world: World
    superuser: Database
    transactions: Transactions
    operator: Operator
    vendor: Vendor

    async def sell(
        self,
        released_at: datetime,
        commission: int,
        tax: int,
        state: SubOrderState = SubOrderState.RELEASED,
    ) -> PlacedOrder:
        """Release the part of an order, confirmed a month before."""
        user = await self.world.user()
        placed = await self.world.placed_order(user, [self.vendor], state=state)
        part = placed.suborders[0]
        release = SuborderRelease(
            suborder_id=part.id,
            vendor_id=self.vendor.id,
            currency="INR",
            amount=0,
            released_at=released_at,
        )
        await self.world.save(release)
        pending = Account(AccountKind.V_PENDING, "INR", self.vendor.id)
        legs = [Leg(pending, EARNED, commission, part.id)]
        legs += [Leg(pending, GST, tax, part.id)] if tax else []
        await self._post(placed, released_at - timedelta(days=30), legs)
        return placed

    async def give_back(self, placed: PlacedOrder, at: datetime, commission: int, tax: int) -> None:
        id = placed.suborders[0].id
        legs = [Leg(EARNED, DUE, commission, id), Leg(GST, DUE, tax, id)]
        await self._post(placed, at, [leg for leg in legs if leg.amount])

    async def _post(self, placed: PlacedOrder, at: datetime, legs: Sequence[Leg]) -> None:
        """Post entries as those of a refund, which is one of the postings that are billed."""
        refund = Refund(order_id=placed.order.id, reason=RefundReason.CANCELLED, amount=0)
        await self.world.save(refund)
        posting = Posting(PostingKind.GRANT, refund.id)
        async with self.transactions.begin() as session:
            await post_entries(session, posting, legs)
        async with self.superuser.session() as session, session.begin():
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            await session.execute(BACKDATE, {"at": at, "posting": str(posting)})

    async def bill(self, *months: Month) -> None:
        for month in months:
            await bill_month(self.transactions.begin, self.world.sealer, self.operator, month)

    async def documents(self) -> Sequence[Invoice]:
        return await invoices(self.world)

    async def violations(self) -> list[str]:
        async with self.world.database.session() as session:
            return [row.rule for row in await session.execute(VIOLATIONS)]


@pytest.fixture
async def sales(
    world: World, superuser: Database, transactions: Transactions, operator: Operator
) -> Sales:
    vendor = await world.vendor(subdivision="Karnataka")
    await world.tax_registration(vendor)
    await world.tax_rate(tax_class=None, levy=TaxLevy.COMMISSION, bps=1_800)
    return Sales(world, superuser, transactions, operator, vendor)


async def test_the_commission_of_a_month_is_one_invoice(
    world: World, sales: Sales, work: Work
) -> None:
    manager = await new_member(world, sales.vendor, MemberRole.MANAGER)
    await new_member(world, sales.vendor, MemberRole.STAFF)
    first, last = OCTOBER.at(OCTOBER.first), OCTOBER.at(OCTOBER.next)
    second = timedelta(seconds=1)
    await sales.sell(first, 1_000, 180)
    returned = await sales.sell(last - second, 500, 91, SubOrderState.RETURNED)
    await sales.give_back(returned, last - second, 200, 36)
    gone = await sales.sell(first, 300, 54, SubOrderState.CANCELLED)
    await sales.give_back(gone, first, 300, 54)
    await sales.sell(first - second, 9_000, 1_620)
    await sales.sell(last, 7_000, 1_260)
    await sales.bill(OCTOBER, OCTOBER)
    (invoice,) = await sales.documents()
    assert (invoice.kind, invoice.issuer_id) == (InvoiceKind.COMMISSION, None)
    assert (invoice.vendor_id, invoice.buyer_id) == (sales.vendor.id, None)
    amounts = (invoice.taxable, invoice.tax, invoice.rounding, invoice.total)
    assert amounts == (1_300, 234, 1, 1_535), "the halves are equal, and the total is the ledger's"
    (line,) = invoice.details.lines
    assert line.title == "Commission of October 2026, orders: 2"
    (group,) = invoice.details.groups
    assert [(one.component, one.bps, one.tax) for one in group.taxes] == [
        (TaxComponent.CGST, 900, 117),
        (TaxComponent.SGST, 900, 117),
    ]
    assert invoice.details.place_of_supply == "Karnataka (29)"
    buyer = invoice.open_buyer(world.sealer)
    assert buyer
    assert buyer.tax_id == "29AAGCB7383J1Z4"
    await work()
    kind = NotificationKind.INVOICE_ISSUED
    async with world.database.session() as session:
        told = select(Notification.user_id).where(Notification.kind == kind)
        assert (await session.exec(told)).all() == [manager.id]


async def test_what_goes_back_later_is_on_credit_notes(sales: Sales) -> None:
    """All documents of an invoice cancel out when all of its commission went back."""
    middle = OCTOBER.at(date(2026, 10, 15))
    sold = await sales.sell(middle, 1_001, 181)
    await sales.bill(OCTOBER)
    early, late = (NOVEMBER.at(date(2026, 11, day)) for day in (1, 20))
    await sales.give_back(sold, early, 300, 91)
    await sales.bill(OCTOBER, NOVEMBER, NOVEMBER)
    invoice, first = await sales.documents()
    assert invoice.total == 1_182, "it is billed without what went back later"
    assert (first.kind, first.corrects_id) == (InvoiceKind.CREDIT_NOTE, invoice.id)
    assert first.details.corrects == (invoice.number, invoice.issued_on)
    assert first.details.lines[0].title == "Commission given back for November 2026"
    assert (first.taxable, first.tax, first.rounding, first.total) == (300, 90, 1, 391)
    assert await sales.violations() == []
    december = Month(date(2026, 12, 1), KOLKATA)
    await sales.give_back(sold, late + timedelta(days=20), 701, 90)
    await sales.bill(december)
    notes = (await sales.documents())[1:]
    for name in ("taxable", "tax", "rounding", "total"):
        assert sum(getattr(one, name) for one in notes) == getattr(invoice, name)
    for one in notes:
        cgst, sgst = one.details.groups[0].taxes
        assert cgst.tax == sgst.tax
    assert await sales.violations() == []


async def test_what_went_back_before_the_month_was_billed_is_on_one_document(sales: Sales) -> None:
    """The job of a month runs days after it, when the ledger has moved again."""
    sold = await sales.sell(OCTOBER.at(date(2026, 10, 31)), 1_000, 180)
    await sales.give_back(sold, NOVEMBER.at(date(2026, 11, 2)), 400, 72)
    await sales.bill(OCTOBER, NOVEMBER)
    invoice, note = await sales.documents()
    assert (invoice.taxable, note.taxable) == (1_000, 400)
    assert await sales.violations() == []


async def test_a_control_commission_that_is_not_billed_is_found(sales: Sales) -> None:
    await sales.sell(OCTOBER.at(date(2026, 10, 3)), 1_000, 180)
    await sales.bill(OCTOBER)
    assert await sales.violations() == []
    await sales.sell(OCTOBER.at(date(2026, 10, 4)), 1, 0)
    assert await sales.violations() == ["commission is not billed as the ledger has it"]


async def test_each_rate_of_the_tax_has_a_line(world: World, sales: Sales) -> None:
    await world.tax_rate(
        tax_class=None,
        levy=TaxLevy.COMMISSION,
        bps=1_200,
        starts_on=date(2000, 1, 1),
        ends_on=GST_START - timedelta(days=1),
    )
    middle = OCTOBER.at(date(2026, 10, 15))
    old = await sales.sell(middle, 500, 60)
    async with world.database.session() as session, session.begin():
        (await session.get_one(Order, old.order.id)).created_at = datetime(2016, 1, 1, tzinfo=UTC)
    await sales.sell(middle, 1_000, 180)
    await sales.bill(OCTOBER)
    await sales.give_back(old, NOVEMBER.at(NOVEMBER.first), 500, 60)
    await sales.bill(NOVEMBER)
    invoice, note = await sales.documents()
    assert [one.bps for one in invoice.details.groups] == [1_200, 1_800]
    assert [line.group for line in invoice.details.lines] == [0, 1]
    assert [one.gross for one in note.details.groups] == [560, 0]
    assert [line.group for line in note.details.lines] == [0]


async def test_commission_of_a_vendor_abroad_is_an_export(world: World, sales: Sales) -> None:
    foreign = await world.vendor(country="NG", currency="INR", subdivision="Lagos")
    other = replace(sales, vendor=foreign)
    await other.sell(OCTOBER.at(date(2026, 10, 15)), 500, 0)
    await sales.bill(OCTOBER)
    (invoice,) = await sales.documents()
    assert (invoice.details.treatment, invoice.total) == (Treatment.EXPORT, 500)
    assert invoice.details.place_of_supply == "NG (96)"


def test_months() -> None:
    december = Month.before(date(2027, 1, 15), KOLKATA)
    assert (str(december), december.last, december.next) == (
        "2026-12",
        date(2026, 12, 31),
        date(2027, 1, 1),
    )
    assert Month.before(date(2026, 3, 31), KOLKATA).last == date(2026, 2, 28)
    assert december.at(december.first).astimezone(UTC).hour == 18
    last = Month.last_before(date(2027, 1, 15), KOLKATA, 3)
    assert [str(month) for month in last] == ["2026-10", "2026-11", "2026-12"]
