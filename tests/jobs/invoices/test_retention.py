"""Documents outlive the accounts of their buyers, until the term of bookkeeping is over."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.security.signing_keys import SigningKeys
from jobs.context import WorkerContext
from models.errors import NotFound
from models.identity.accounts import User
from models.invoices.invoices import Invoice, InvoiceState
from models.notifications.inbox import Notification, NotificationKind
from models.payments.refunds import Refund, RefundAmount, RefundReason, RefundShare
from models.pricing.discounts import FundedBy
from models.privacy import AccountDeletion
from services.invoices.content.credit_notes import issue_credit_note
from services.invoices.content.platform_services import Credited, issue_service_credit
from services.invoices.content.suborders import issue_suborder
from services.invoices.links import PDF_PATH, InvoiceLink
from services.invoices.numbering import Issuer
from services.transaction import Transactions
from tests.client import Client
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.invoices.issued import invoices
from tests.resolvers.invoices.issued import PDF, IssuedInvoice, download

HOUR = timedelta(hours=1)
ORDERS_ENDED = text("UPDATE \"order\" SET state = 'COMPLETED', ended_at = now()")


async def notifications(world: World) -> Sequence[Notification]:
    rows = select(Notification).where(Notification.kind == NotificationKind.INVOICE_ISSUED)
    async with world.database.session() as session:
        return (await session.exec(rows)).all()


async def erase(world: World, user: User, defer: Defer, work: Work) -> None:
    """Erase an account whose fourteen days are over. Open orders would keep it."""
    async with world.database.session() as session, session.begin():
        await session.execute(ORDERS_ENDED)
    asked = now() - timedelta(days=14)
    await world.save(AccountDeletion(user_id=user.id, created_at=asked, due_at=now()))
    await defer("erase_account", user_id=user.id)
    await work()


async def test_documents_stay_when_their_buyer_is_erased(
    world: World,
    api: Client,
    transactions: Transactions,
    keys: SigningKeys,
    work: Work,
    defer: Defer,
    worker_context: WorkerContext,
) -> None:
    issued = await IssuedInvoice.make(world, api)
    await issued.store(worker_context.objects)
    user, manager = issued.sale.user, issued.manager
    links = [InvoiceLink(issued.invoice.id, one.id).sign(keys) for one in (user, manager)]
    await erase(world, user, defer, work)
    erased = await world.fresh(user)
    assert erased
    assert erased.is_erased
    own, of_vendor = [await download(api, f"https://a{one.under(PDF_PATH)}") for one in links]
    assert own.status_code == 404
    assert (of_vendor.status_code, of_vendor.content) == (200, PDF)
    refund = Refund(order_id=issued.invoice.order_id, reason=RefundReason.GOODWILL, amount=5_00)
    amount = RefundAmount(
        refund_id=refund.id,
        suborder_id=issued.sale.part.id,
        share=RefundShare.GOODWILL,
        borne_by=FundedBy.VENDOR,
        amount=5_00,
    )
    await world.save(refund, amount)
    async with transactions.begin() as session:
        note = await issue_credit_note(session, world.sealer, refund.id, issued.sale.part.id)
    assert note
    assert note.total == 5_00
    buyers = [one.open_buyer(world.sealer) for one in await invoices(world)]
    assert [one and one.name for one in buyers] == ["Asha Rao", "Asha Rao"]
    await work()
    assert {one.state for one in await invoices(world)} == {InvoiceState.RENDERED}
    assert await notifications(world) == [], "an erased account has no inbox"


async def test_the_parties_and_the_pdf_end_with_the_term_of_bookkeeping(
    world: World,
    transactions: Transactions,
    work: Work,
    defer: Defer,
    worker_context: WorkerContext,
) -> None:
    vendors = [await world.vendor(), await world.vendor()]
    placed = await world.placed_order(await world.user(), vendors)
    term = timedelta(days=366 * worker_context.settings.order_years)
    for part, age in zip(placed.suborders, (term + HOUR, term - HOUR), strict=True):
        async with transactions.begin() as session:
            await issue_suborder(session, world.sealer, part.id, now() - age)
    await defer("sweep_invoices", timestamp=0)
    await work()
    before, _ = await invoices(world)
    assert await worker_context.objects.read(before.key, 10)
    await defer("blank_old_invoices", timestamp=0)
    await work()
    old, kept = await invoices(world)
    assert (old.state, old.seller, old.buyer) == (InvoiceState.BLANKED, None, None)
    assert (old.total, old.number) == (before.total, before.number)
    assert await worker_context.objects.read(old.key, 10) is None
    assert kept.state is InvoiceState.RENDERED
    assert await worker_context.objects.read(kept.key, 10)
    assert await notifications(world) == [], "documents of the past are not announced"


async def test_what_is_blanked_is_neither_shown_nor_corrected(
    world: World, api: Client, transactions: Transactions, keys: SigningKeys
) -> None:
    issued = await IssuedInvoice.make(world, api)
    link = InvoiceLink(issued.invoice.id, issued.manager.id).sign(keys)
    async with world.database.session() as session, session.begin():
        row = await session.get_one(Invoice, issued.invoice.id)
        row.state, row.seller, row.buyer = InvoiceState.BLANKED, None, None
    assert (await download(api, f"https://a{link.under(PDF_PATH)}")).status_code == 404
    assert (await api.http.get(f"/invoices/{issued.invoice.code}")).status_code == 404
    async with transactions.begin() as session:
        row = await session.get_one(Invoice, issued.invoice.id)
        with pytest.raises(NotFound):
            await issue_service_credit(
                session,
                world.sealer,
                Issuer(None, "IN", "Asia/Kolkata"),
                row,
                [Credited(0, 1, 0)],
                source_id=issued.manager.id,
                title="Pack",
                supplied_on=row.issued_on,
            )
