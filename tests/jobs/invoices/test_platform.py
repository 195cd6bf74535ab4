"""Documents of the platform: for commission of a month, and for purchases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from core.clock import now
from core.settings import Settings
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.payments.refunds import Refund, RefundReason
from models.pricing.tax_rules import Jurisdiction
from models.pricing.taxes import TaxComponent
from models.purchases import Purchase, PurchaseKind, PurchaseState
from models.vendors import MemberRole, Vendor
from services.invoices.content import commissions
from services.invoices.content.commissions import Month
from services.invoices.content.platform import Operator
from services.invoices.content.purchases import issue_purchase
from services.ledger.posting import post_entries
from services.transaction import Transactions
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.jobs.conftest import Work

SETTINGS = {
    "platform_name": "Haat Private Limited",
    "platform_address": "12 MG Road; Bengaluru 560001",
    "platform_region": "Karnataka",
    "platform_tax_id": "29AAGCB7383J1Z4",
}
KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def operator(settings: Settings) -> Operator:
    found = Operator.of(settings.model_copy(update=SETTINGS))
    assert found
    return found


async def invoices(world: World) -> Sequence[Invoice]:
    async with world.database.session() as session:
        return (await session.exec(select(Invoice).order_by(col(Invoice.number)))).all()


async def released(
    world: World, transactions: Transactions, vendor: Vendor, at: datetime, *amounts: int
) -> None:
    """Release the part of an order whose commission, its tax and what was given back are known."""
    placed = await world.placed_order(await world.user(), [vendor])
    part, order = placed.suborders[0], placed.order
    commission, tax, back = amounts
    pending = Account(AccountKind.V_PENDING, "INR", vendor.id)
    earned, gst, due = (
        Account(kind, "INR")
        for kind in (AccountKind.COMMISSION, AccountKind.GST_OUT, AccountKind.REFUND_DUE)
    )
    reason = RefundReason.CANCELLED
    kept = Refund(order_id=order.id, reason=reason, amount=0)  # its posting stands for all
    refund = Refund(order_id=order.id, reason=reason, amount=back)
    await world.save(kept, refund)
    async with transactions.begin() as session:
        row = await session.get_one(SubOrder, part.id)
        row.state, row.ended_at = SubOrderState.RELEASED, at
        legs = [Leg(pending, earned, commission, part.id), Leg(pending, gst, tax, part.id)]
        await post_entries(session, Posting(PostingKind.GRANT, kept.id), legs)
        if back:
            given = [Leg(earned, due, back, part.id)]
            await post_entries(session, Posting(PostingKind.GRANT, refund.id), given)


async def test_the_commission_of_a_month_is_one_invoice(
    world: World, transactions: Transactions, operator: Operator, work: Work
) -> None:
    vendor = await world.vendor(subdivision="Karnataka")
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    await new_member(world, vendor, MemberRole.STAFF)
    await world.tax_registration(vendor)
    month = Month(date(2026, 10, 1), KOLKATA)
    first, last = month.at(month.first), month.at(month.next)
    for at, amounts in (
        (first, (1_000, 180, 0)),
        (last - timedelta(seconds=1), (500, 90, 200)),
        (last, (7_000, 1_260, 0)),
        (first - timedelta(seconds=1), (9_000, 1_620, 0)),
    ):
        await released(world, transactions, vendor, at, *amounts)
    for _ in range(2):
        await commissions.issue_month(transactions.begin, world.sealer, operator, month)
    (invoice,) = await invoices(world)
    assert (invoice.kind, invoice.issuer_id) == (InvoiceKind.COMMISSION, None)
    assert (invoice.vendor_id, invoice.buyer_id) == (vendor.id, None)
    assert (invoice.taxable, invoice.tax, invoice.total) == (1_300, 270, 1_570)
    (line,) = invoice.details.lines
    assert line.title == "Commission for 2 orders, October 2026"
    assert invoice.details.components == [TaxComponent.CGST, TaxComponent.SGST]
    assert invoice.details.place_of_supply == "Karnataka (29)"
    buyer = invoice.open_buyer(world.sealer)
    assert buyer
    assert buyer.tax_id == "29AAGCB7383J1Z4"
    await work()
    kind = NotificationKind.INVOICE_ISSUED
    async with world.database.session() as session:
        told = select(Notification.user_id).where(Notification.kind == kind)
        assert (await session.exec(told)).all() == [manager.id]


@pytest.mark.parametrize(
    ("recipient", "parts"),
    [
        (Jurisdiction("IN", "Karnataka"), [("CGST", 900, 90), ("SGST", 900, 90)]),
        (Jurisdiction("IN", "Kerala"), [("IGST", 1800, 180)]),
        (Jurisdiction("DE"), [("IGST", 1800, 180)]),
        (Jurisdiction("IN"), [("IGST", 1800, 180)]),
    ],
)
def test_the_components_of_a_service_follow_the_place_of_its_recipient(
    operator: Operator, recipient: Jurisdiction, parts: list[tuple[str, int, int]]
) -> None:
    found = operator.split_tax(1_000, 180, recipient)
    assert [(rate.component, rate.bps, tax) for rate, tax in found] == parts
    assert operator.split_tax(99, 18, recipient)[0][0].bps in {900, 1800}, "amounts are rounded"


def test_months() -> None:
    december = Month.before(date(2027, 1, 15), KOLKATA)
    assert (str(december), december.last, december.next) == (
        "2026-12",
        date(2026, 12, 31),
        date(2027, 1, 1),
    )
    assert Month.before(date(2026, 3, 31), KOLKATA).last == date(2026, 2, 28)
    assert december.at(december.first).astimezone(UTC).hour == 18


def test_without_a_name_the_platform_issues_nothing(settings: Settings) -> None:
    assert Operator.of(settings) is None


KINDS = [
    (PurchaseKind.TOP_UP, 0, InvoiceKind.RECEIPT, True),
    (PurchaseKind.PACK, 180, InvoiceKind.TAX_INVOICE, False),
    (PurchaseKind.PACK, 0, InvoiceKind.RECEIPT, False),
]


@pytest.mark.parametrize(("bought", "tax", "kind", "prepaid"), KINDS)
async def test_purchases_from_the_platform_get_a_document(
    world: World,
    transactions: Transactions,
    operator: Operator,
    bought: PurchaseKind,
    tax: int,
    kind: InvoiceKind,
    prepaid: bool,
) -> None:
    user, vendor = await world.user(), await world.vendor(subdivision="Karnataka")
    is_pack = bought is PurchaseKind.PACK
    purchase = Purchase(
        user_id=user.id,
        owner_id=vendor.id if is_pack else user.id,
        kind=bought,
        ref_id=vendor.id if is_pack else None,
        currency="INR",
        net=1_000,
        tax=tax,
        total=1_000 + tax,
        hold_until=now(),
    )
    await world.save(purchase)
    async with transactions.begin() as session:
        assert await issue_purchase(session, world.sealer, operator, purchase.id) is None
        row = await session.get_one(Purchase, purchase.id)
        row.state, row.paid_at = PurchaseState.PAID, now()
    for _ in range(2):
        async with transactions.begin() as session:
            invoice = await issue_purchase(session, world.sealer, operator, purchase.id)
    assert invoice
    assert [one.id for one in await invoices(world)] == [invoice.id]
    assert (invoice.kind, invoice.details.is_prepayment) == (kind, prepaid)
    assert (invoice.buyer_id, invoice.vendor_id) == (user.id, vendor.id if is_pack else None)
    assert (invoice.taxable, invoice.tax, invoice.total) == (1_000, tax, 1_000 + tax)
