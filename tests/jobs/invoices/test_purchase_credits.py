"""Refunded purchases: each refund has a credit note with the amounts of the ledger."""

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from core.clock import now
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.payments.refunds import Refund, RefundReason
from models.purchases import Purchase
from services.invoices.content.platform import Operator
from services.invoices.lost import PATIENCE
from services.invoices.sweeping import issue_credit_notes, issue_lost
from services.transaction import Transactions
from tests.client import Client
from tests.factories.packs import buying
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.invoices.issued import invoices
from tests.resolvers.purchases.test_purchases import PURCHASE, refunding, top_up


async def documents(world: World) -> tuple[Invoice, list[Invoice]]:
    """Return the document of a purchase, and its credit notes."""
    first, *notes = await invoices(world)
    assert {one.kind for one in notes} <= {InvoiceKind.CREDIT_NOTE}
    assert {one.corrects_id for one in notes} <= {first.id}
    return first, notes


async def refunds(world: World) -> list[Refund]:
    async with world.database.session() as session:
        return [*(await session.exec(select(Refund).order_by(col(Refund.created_at)))).all()]


async def test_each_refund_of_a_top_up_has_a_credit_note(
    world: World, api: Client, transactions: Transactions, operator: Operator
) -> None:
    """They correct the receipt, which is issued before if it is missing."""
    user = await world.user()
    id = await top_up(world, api, user, user)
    admin = api.signed_in(await world.admin())
    for changes in ({"amountMinor": 200_00}, {}):
        assert await admin.refusal_codes("refundPurchase", refunding(id, **changes)) == []
    for refund in await refunds(world):
        for _ in range(2):
            given = (transactions.begin, world.sealer, operator, refund.id)
            assert await issue_credit_notes(*given)
    receipt, notes = await documents(world)
    assert (receipt.kind, receipt.total) == (InvoiceKind.RECEIPT, 500_00)
    assert [one.total for one in notes] == [200_00, 300_00]
    assert [one.buyer_id for one in notes] == [user.id] * 2
    assert all(one.details.is_prepayment for one in notes)
    await check_invariants(world.database)


async def test_the_refund_of_a_pack_gives_back_its_tax(
    world: World, api: Client, transactions: Transactions, operator: Operator
) -> None:
    """The sweep issues both documents when their jobs were lost, also after the refund."""
    owner = await world.user()
    vendor = await world.vendor(owner, subdivision="Karnataka")
    await world.fund(vendor, 118_00)
    pack = await world.pack(quota=3, tax_bps=1_800)
    made = await api.signed_in(owner).do("buyPack", buying(vendor, pack), PURCHASE)
    id = made["purchase"]["id"]
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("refundPurchase", refunding(id)) == []
    async with world.database.session() as session, session.begin():
        earlier = now() - 2 * PATIENCE
        for table in (Purchase, Refund):
            await session.execute(update(table).values(created_at=earlier))
    for _ in range(2):
        await issue_lost(transactions.begin, world.sealer, operator)
    invoice, (note,) = await documents(world)
    assert invoice.kind is InvoiceKind.TAX_INVOICE
    assert (note.taxable, note.tax, note.total) == (100_00, 18_00, 118_00)
    assert [one.tax for one in note.details.groups[0].taxes] == [9_00, 9_00]
    assert note.vendor_id == vendor.id
    assert note.details.place_of_supply == "Karnataka (29)"
    await check_invariants(world.database)


async def test_without_a_name_the_platform_credits_nothing(
    world: World, api: Client, transactions: Transactions
) -> None:
    user = await world.user()
    id = await top_up(world, api, user, user)
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("refundPurchase", refunding(id)) == []
    (refund,) = await refunds(world)
    assert not await issue_credit_notes(transactions.begin, world.sealer, None, refund.id)


@pytest.mark.parametrize("reason", sorted(set(RefundReason) - {RefundReason.CANCELLED}))
async def test_a_payment_that_went_back_has_no_credit_note(
    world: World,
    api: Client,
    transactions: Transactions,
    operator: Operator,
    reason: RefundReason,
) -> None:
    """Such as one that was made twice: the purchase stays paid by the other one."""
    user = await world.user()
    id = await top_up(world, api, user, user)
    (purchase,) = await world.purchases(user)
    earlier = now() - 2 * PATIENCE
    back = Refund(purchase_id=purchase.id, reason=reason, amount=500_00, created_at=earlier)
    await world.save(back)
    async with world.database.session() as session, session.begin():
        await session.execute(update(Purchase).values(created_at=earlier))
    await issue_lost(transactions.begin, world.sealer, operator)
    assert not await issue_credit_notes(transactions.begin, world.sealer, operator, back.id)
    receipt, notes = await documents(world)
    assert (receipt.source_id, notes) == (purchase.id, []), id
