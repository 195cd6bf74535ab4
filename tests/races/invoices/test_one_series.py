"""Many documents of one seller at once: no number is left out, and none is given twice."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import Refusal
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind, InvoiceSeries
from models.vendors import Vendor
from services.invoices import issuing, numbering
from services.invoices.content.suborders import issue_suborder
from services.invoices.issuing import once
from services.invoices.numbering import Issuer, Numbered
from services.transaction import Transactions
from tests.factories.buying import Unheard
from tests.factories.orders import PlacedOrder
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Meeting

CLIENTS = 16


async def sell(world: World, count: int) -> tuple[Vendor, list[PlacedOrder]]:
    vendor, user = await world.vendor(), await world.user()
    return vendor, [await world.placed_order(user, [vendor]) for _ in range(count)]


async def issue_all(
    world: World, placed: list[PlacedOrder], *, times: int = 1, failing: int = 0
) -> Counter[str]:
    """Issue a document of each order at once. The first so many transactions fail at their end."""
    transactions = Transactions(world.database, Unheard())

    async def run(place: int, one: PlacedOrder) -> str:
        try:
            with once():
                async with transactions.begin() as session:
                    await issue_suborder(session, world.sealer, one.suborders[0].id)
                    if place < failing:
                        raise Refusal("It fails.")
                return "ISSUED"
        except Refusal:
            return "FAILED"
        except IntegrityError:
            return "DOUBLE"
        return "KNOWN"

    wanted = [*enumerate(placed * times)]
    return Counter(await asyncio.gather(*(run(*one) for one in wanted)))


async def numbers(world: World) -> list[str]:
    rows = select(Invoice.number).order_by(col(Invoice.number))
    async with world.database.session() as session:
        return list((await session.exec(rows)).all())


async def test_sixteen_documents_at_once_have_sixteen_numbers(world: World) -> None:
    vendor, placed = await sell(world, CLIENTS + 4)
    assert await issue_all(world, placed, failing=4) == {"ISSUED": CLIENTS, "FAILED": 4}
    found = await numbers(world)
    assert [int(one.rpartition("/")[2]) for one in found] == [*range(1, CLIENTS + 1)]
    rows = select(InvoiceSeries).where(InvoiceSeries.issuer_id == vendor.id)
    async with world.database.session() as session:
        (series,) = (await session.exec(rows)).all()
    assert (series.kind, series.next) == (InvoiceKind.TAX_INVOICE, CLIENTS + 1)
    await check_invariants(world.database)


async def test_the_order_of_the_numbers_is_that_of_their_times(world: World) -> None:
    _, placed = await sell(world, CLIENTS)
    await issue_all(world, placed)
    rows = select(Invoice.number).order_by(col(Invoice.created_at))
    async with world.database.session() as session:
        assert list((await session.exec(rows)).all()) == await numbers(world)


async def test_one_source_has_one_document_and_wastes_no_number(world: World) -> None:
    _, placed = await sell(world, 2)
    tally = await issue_all(world, placed, times=8)
    assert set(tally) <= {"ISSUED", "KNOWN"}
    assert [int(one.rpartition("/")[2]) for one in await numbers(world)] == [1, 2]


async def test_a_control_the_highest_number_and_one_is_given_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting()

    async def take_highest(
        session: AsyncSession, issuer: Issuer, kind: InvoiceKind, moment: object = None
    ) -> Numbered:
        highest = text("SELECT coalesce(max(right(number, 6)::int), 0) FROM invoice")
        place = (await session.execute(highest)).scalar_one() + 1
        await meeting.arrive()
        taken = await numbering.take_number(session, Issuer(None, "IN", "UTC"), kind)
        return Numbered(f"INV/2627/{place:06}", taken.fiscal_year, taken.issued_on, taken.issued_at)

    monkeypatch.setattr(issuing, "take_number", take_highest)
    _, placed = await sell(world, CLIENTS)
    tally = await issue_all(world, placed)
    assert tally["DOUBLE"] > 0
