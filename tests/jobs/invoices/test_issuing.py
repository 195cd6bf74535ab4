"""Documents of confirmed parts and of refunds: issued once, rendered, announced and kept."""

import hashlib
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import update
from sqlmodel import select

from core.clock import now
from gateways.storage.base import StorageUnreachable
from jobs.context import WorkerContext
from jobs.invoices import render
from models.invoices.invoices import InvoiceState
from models.invoices.series import InvoiceKind, fiscal_year_of, format_fiscal_year
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.pricing.tax_rules import SellerKind
from services.invoices.content.suborders import issue_suborder
from services.transaction import Transactions
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.orders import RATES
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.jobs.invoices.issued import invoices
from tests.jobs.notifications.deliveries import mails
from tests.resolvers.orders.handling import SoldOrder

YEAR = format_fiscal_year(fiscal_year_of(now().date(), "IN"), "IN")


async def announce(sale: SoldOrder, defer: Defer, work: Work) -> None:
    await defer("announce_order", order_id=sale.placed.order.id)
    await work()


async def make_older(world: World, **longer: int) -> None:
    """Move documents and what they are of into the past."""
    async with world.database.session() as session, session.begin():
        earlier = now() - timedelta(**longer)
        await session.execute(update(SubOrder).values(created_at=earlier))


async def test_each_part_gets_a_document_with_the_stored_amounts(
    world: World, api: Client, outbox: Path, work: Work, defer: Defer, worker_context: WorkerContext
) -> None:
    sale = await SoldOrder.make(world, api)
    await world.tax_registration(sale.vendor, region="Karnataka")
    await announce(sale, defer, work)
    await announce(sale, defer, work)  # a job runs twice
    first, second = await invoices(world)
    own = first if first.vendor_id == sale.vendor.id else second
    assert own.source_id == sale.part.id
    assert {one.number for one in (first, second)} == {f"INV/{YEAR}/000001"}, "each has a series"
    assert (own.kind, own.state) == (InvoiceKind.TAX_INVOICE, InvoiceState.RENDERED)
    assert own.total == sale.part.total
    assert own.taxable + own.tax + own.rounding == own.total
    assert own.tax == sum(line.tax for line in sale.placed.lines_of(sale.part))
    seller, buyer = own.open_seller(world.sealer), own.open_buyer(world.sealer)
    assert seller
    assert buyer
    assert (seller.name, seller.tax_id) == (sale.vendor.name, "29AAGCB7383J1Z4")
    assert (buyer.name, buyer.city) == ("Asha Rao", "Bengaluru")
    assert own.details.place_of_supply == "Karnataka (29)"
    content = await worker_context.objects.read(own.key, 10**7)
    assert content
    assert own.sha256 == hashlib.sha256(content).digest()
    with pikepdf.open(BytesIO(content)) as opened:
        assert str(opened.docinfo["/Title"]) == f"Tax invoice {own.number}"


async def test_its_mail_has_the_pdf(
    world: World, api: Client, outbox: Path, work: Work, defer: Defer, worker_context: WorkerContext
) -> None:
    sale = await SoldOrder.make(world, api)
    await announce(sale, defer, work)
    sent = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mails(outbox)]
    found = [one for one in sent if one["Subject"] == "Your invoice"]
    assert len(found) == len(sale.vendors)
    assert {one["To"] for one in found} == {email_of(sale.user)}
    (attached,) = found[0].iter_attachments()
    assert attached.get_filename() == f"INV-{YEAR}-000001.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content().startswith(b"%PDF")


KINDS = [
    (None, False, InvoiceKind.RECEIPT),
    (SellerKind.NONE, False, InvoiceKind.RECEIPT),
    (SellerKind.COMPOSITION, False, InvoiceKind.BILL_OF_SUPPLY),
    (SellerKind.REGULAR, False, InvoiceKind.BILL_OF_SUPPLY),
    (SellerKind.REGULAR, True, InvoiceKind.TAX_INVOICE),
    (None, True, InvoiceKind.TAX_INVOICE),
]


@pytest.mark.parametrize(("registered", "taxed", "kind"), KINDS)
async def test_the_kind_follows_the_registration(
    world: World,
    transactions: Transactions,
    registered: SellerKind | None,
    taxed: bool,
    kind: InvoiceKind,
) -> None:
    vendor = await world.vendor()
    placed = await world.placed_order(
        await world.user(), [vendor], tax_rates=RATES if taxed else ()
    )
    if registered is not None:
        number = None if registered is SellerKind.NONE else "29AAGCB7383J1Z4"
        await world.tax_registration(vendor, kind=registered, number=number)
    async with transactions.begin() as session:
        invoice = await issue_suborder(session, world.sealer, placed.suborders[0].id)
    assert invoice
    assert invoice.kind is kind
    assert (invoice.tax > 0) == taxed
    assert invoice.number.startswith(kind.prefix)


async def test_a_part_that_is_not_confirmed_has_none(
    world: World, transactions: Transactions
) -> None:
    placed = await world.placed_order(
        await world.user(), [await world.vendor()], state=SubOrderState.PENDING
    )
    async with transactions.begin() as session:
        assert await issue_suborder(session, world.sealer, placed.suborders[0].id) is None


async def test_refunds_get_credit_notes_that_sum_to_the_invoice(
    world: World, api: Client, work: Work
) -> None:
    sale = await SoldOrder.make(world, api, quantity=3, unit=3_333)
    for number in range(3):
        chosen = sale.chosen(1, key=str(number))
        assert await sale.seller.refusal_codes("cancelSuborderLines", chosen) == []
    await work()
    found = [one for one in await invoices(world) if one.vendor_id == sale.vendor.id]
    (whole,) = (one for one in found if one.kind is not InvoiceKind.CREDIT_NOTE)
    notes = [one for one in found if one.kind is InvoiceKind.CREDIT_NOTE]
    assert [one.number for one in notes] == [f"CRN/{YEAR}/00000{place}" for place in (1, 2, 3)]
    assert {one.corrects_id for one in notes} == {whole.id}
    assert {one.details.corrects for one in notes} == {(whole.number, whole.issued_on)}
    for name in ("taxable", "tax", "rounding", "total"):
        assert sum(getattr(one, name) for one in notes) == getattr(whole, name)
    part = await world.fresh(sale.part)
    assert part
    assert whole.total - sum(one.total for one in notes) == part.total - part.refunded == 0
    await check_invariants(world.database)


async def test_lost_documents_are_issued_by_the_sweep(
    world: World, api: Client, work: Work, defer: Defer
) -> None:
    sale = await SoldOrder.make(world, api)
    await defer("sweep_invoices", timestamp=0)
    await work()
    assert await invoices(world) == [], "their own jobs have some minutes"
    await make_older(world, minutes=6)
    await defer("sweep_invoices", timestamp=0)
    await work()
    assert {one.source_id for one in await invoices(world)} == {
        one.id for one in sale.placed.suborders
    }
    assert {one.state for one in await invoices(world)} == {InvoiceState.RENDERED}


async def test_a_document_is_rendered_when_the_storage_answers_again(
    world: World,
    api: Client,
    transactions: Transactions,
    worker_context: WorkerContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    placed = await world.placed_order(await world.user(), [await world.vendor()])
    async with transactions.begin() as session:
        invoice = await issue_suborder(session, world.sealer, placed.suborders[0].id)
    assert invoice

    async def fails(*_: object) -> None:
        raise StorageUnreachable

    with monkeypatch.context() as patched:
        patched.setattr(worker_context.objects, "write", fails)
        with pytest.raises(StorageUnreachable):
            await render(worker_context, invoice.id)
    assert (await invoices(world))[0].state is InvoiceState.ISSUED
    await render(worker_context, invoice.id)
    await render(worker_context, invoice.id)
    (found,) = await invoices(world)
    assert found.state is InvoiceState.RENDERED
    told = select(Notification).where(Notification.kind == NotificationKind.INVOICE_ISSUED)
    async with world.database.session() as session:
        assert len((await session.exec(told)).all()) == 1
