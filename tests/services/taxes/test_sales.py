"""Taxes of sales, read from the database in two statements."""

from datetime import UTC, date, datetime
from uuid import UUID

from core.statements.units import connection_of
from models.catalog.products import TaxClass
from models.pricing.tax_rules import Jurisdiction, Treatment
from models.pricing.taxes import Rate, TaxComponent
from models.taxes.supplies import Sale, SaleLine, SaleTaxes
from services.taxes.sales import tax_sales
from tests.factories.world import World
from tests.resolvers.counting import captured

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOA, DELHI = Jurisdiction("IN", "Goa"), Jurisdiction("IN", "Delhi")


def line(number: int, tax_class: TaxClass = TaxClass.STANDARD, hsn: str | None = None) -> SaleLine:
    return SaleLine(UUID(int=number), tax_class, hsn)


async def taxes(world: World, *sales: Sale) -> tuple[list[SaleTaxes], int]:
    """Return the taxes of sales, and the number of statements."""
    async with world.database.session() as session:
        await connection_of(session)  # begins the transaction
        with captured() as sent:
            found = await tax_sales(session, sales, NOON)
    return found, len(sent)


async def test_taxes_of_sales(world: World) -> None:
    regular, small, unregistered = [await world.vendor() for _ in range(3)]
    german = await world.vendor(country="DE", time_zone="Europe/Berlin", currency="EUR")
    await world.tax_registration(regular)
    await world.tax_registration(small, number=None)
    await world.tax_registration(german, region=None)
    await world.tax_rate(ends_on=date(2026, 5, 31))
    await world.tax_rate(bps=2_000, starts_on=date(2026, 6, 1))
    await world.tax_rate(bps=4_000, hsn_prefix="2202")
    await world.tax_rate(bps=300, region="Goa", tax_class=TaxClass.LOW)
    await world.tax_rate(country="DE", bps=1_900)
    lines = [line(1), line(2, hsn="22021010"), line(3, TaxClass.LOW)]
    (goa, delhi, *others), statements = await taxes(
        world,
        Sale(regular, GOA, lines),
        Sale(regular, DELHI, lines),
        Sale(small, GOA, lines),
        Sale(unregistered, GOA, lines),
        Sale(german, Jurisdiction("DE"), [line(1)]),
    )
    igst = {
        one.int: (Rate(TaxComponent.IGST, bps),)
        for one, bps in zip(
            [UUID(int=1), UUID(int=2), UUID(int=3)], [2_000, 4_000, 300], strict=True
        )
    }
    assert {id.int: rates for id, rates in goa.rates.items()} == igst
    assert {id.int: rates for id, rates in delhi.rates.items()} == igst | {3: ()}
    assert (goa.unknown, delhi.unknown) == (set(), {UUID(int=3)})
    german_taxes = others.pop()
    assert german_taxes.rates == {UUID(int=1): (Rate(TaxComponent.VAT, 1_900),)}
    assert {one.treatment for one in others} == {Treatment.NOT_TAXED}
    assert statements == 2


async def test_the_number_of_statements_does_not_depend_on_the_cart(world: World) -> None:
    await world.tax_rate()
    vendors = [await world.vendor() for _ in range(20)]
    for vendor in vendors:
        await world.tax_registration(vendor)
    few, statements = await taxes(world, Sale(vendors[0], GOA, [line(1)]))
    assert statements == 2
    many = [Sale(vendor, GOA, [line(n, hsn=f"{n:04}") for n in range(100)]) for vendor in vendors]
    found, statements = await taxes(world, *many)
    assert statements == 2
    assert all(
        not one.unknown and len(one.rates) == 100 for one in [*found, *few] if one not in few
    )
    assert await taxes(world) == ([], 0)
