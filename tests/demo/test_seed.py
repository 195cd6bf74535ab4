"""Seeding an empty database with the demo data."""

from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from core.database import JOB_STATEMENT_SECONDS, Database
from core.media.inspection import inspect_file
from core.settings import Settings
from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from demo.seed import SEED, SEEDERS, generate_dataset
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState, SubOrderState
from models.pricing.discounts import PromoKind
from models.pricing.tax_rules import Jurisdiction, SellerKind, Treatment
from models.shipping.rates import find_zone
from models.shipping.zones import ShippingZone
from models.taxes.numbers import is_tax_number
from models.taxes.supplies import Sale, SaleLine, tax_sale
from models.vendors import AddressDraft
from services.jobs import task_name
from tests import servers
from tests.invariants import check_invariants


def dataset_at(hour: int) -> Dataset:
    return generate_dataset(datetime(2026, 3, 14, hour, tzinfo=UTC), "", lambda *_: None)


@pytest.fixture(scope="module")
def morning() -> Dataset:
    return dataset_at(4)


async def test_seeded_database_satisfies_all_invariants(demo_data: str) -> None:
    url = Settings(database_url=servers.url_of(demo_data)).sqlalchemy_url
    database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
    await check_invariants(database)
    await database.close()


async def test_orders_are_in_every_state_that_lasts_in_each_country(demo_data: str) -> None:
    url = Settings(database_url=servers.url_of(demo_data)).sqlalchemy_url
    database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
    rows = select(Order.country, Order.state, SubOrder.state).join(
        SubOrder, col(SubOrder.order_id) == Order.id
    )
    async with database.session() as session:
        found = set((await session.exec(rows)).all())
    await database.close()
    for country in ("IN", "NG", "US", "DE"):
        orders = {order for place, order, _ in found if place == country}
        parts = {part for place, _, part in found if place == country}
        assert orders == set(OrderState) - {OrderState.PENDING}
        assert parts == set(SubOrderState) - {SubOrderState.PENDING}


async def test_each_confirmed_part_has_an_invoice(demo_data: str) -> None:
    url = Settings(database_url=servers.url_of(demo_data)).sqlalchemy_url
    database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
    async with database.session() as session:
        parts = select(SubOrder.id).where(col(SubOrder.confirmed_at).is_not(None))
        found = (await session.exec(select(Invoice))).all()
        assert {one.source_id for one in found if one.corrects_id is None} == {
            *(await session.exec(parts)).all()
        }
    await database.close()
    assert {one.kind for one in found} >= {InvoiceKind.TAX_INVOICE, InvoiceKind.CREDIT_NOTE}
    in_order = sorted(found, key=lambda one: (str(one.issuer_id), one.kind, one.number))
    assert in_order == sorted(
        found, key=lambda one: (str(one.issuer_id), one.kind, one.created_at, one.number)
    )


async def test_only_the_customer_has_pdfs_made_at_the_start(demo_data: str) -> None:
    url = Settings(database_url=servers.url_of(demo_data)).sqlalchemy_url
    database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
    jobs = text("SELECT args->>'invoice_id' FROM procrastinate_jobs WHERE task_name = :task")
    async with database.session() as session:
        made = await session.scalars(jobs, {"task": task_name("render_invoice")})
        wanted = {UUID(id) for id in made}
        found = (await session.exec(select(Invoice))).all()
    await database.close()
    buyers = {one.buyer_id for one in found if one.id in wanted}
    assert len(buyers) == 1
    assert wanted == {one.id for one in found if one.buyer_id in buyers}
    assert 10 < len(wanted) < len(found) / 2


@pytest.mark.parametrize("hour", [11, 20])
def test_seeders_draw_as_often_at_each_time_of_day(hour: int) -> None:
    assert states_at(hour) == states_at(4)


def states_at(hour: int) -> list[tuple[str, int]]:
    """Return the state of the generator after each seeder."""
    rng = SeededRandom(SEED)
    dataset = Dataset(datetime(2026, 3, 14, hour, tzinfo=UTC), "")
    states = []
    for seeder in SEEDERS:
        seeder(rng, dataset)
        states.append((seeder.__name__, hash(rng.getstate())))
    return states


def test_draws_do_not_depend_on_the_time(morning: Dataset) -> None:
    night = dataset_at(20)
    for vendors in zip(morning.vendors, night.vendors, strict=True):
        assert len({vendor.row.name for vendor in vendors}) == 1
    for offers in zip(morning.offers, night.offers, strict=True):
        assert len({offer.row.title["en"] for offer in offers if "en" in offer.row.title}) <= 1
    assert list(morning.emails.values()) == list(night.emails.values())
    assert len(morning.conversations) == len(night.conversations)


def test_vendors_have_addresses_and_pictures(morning: Dataset) -> None:
    for vendor in morning.vendors:
        row = vendor.row
        address = AddressDraft(
            street_lines=row.street_lines,
            city=row.city,
            subdivision=row.subdivision,
            postal_code=row.pin_code,
        )
        assert address.in_country(row.country)["subdivision"] == row.subdivision
    pictures = [*morning.vendor_images, *morning.offer_pictures, *morning.avatars]
    pictures += [*morning.product_pictures, *morning.event_pictures]
    shown = len(pictures) + len(morning.documents)
    sold, previews = len(morning.assets), len(morning.assets)
    files_of_offers = 1
    stored = shown + sold + files_of_offers
    assert stored == len(morning.uploads) == len(morning.files) - previews
    assert morning.documents
    assert sold
    assert sum(len(file.content) for file in morning.files) < 20_000_000
    assert {inspect_file(file.content).type for file in morning.files} == {
        "application/pdf",
        "image/jpeg",
        "image/png",
        "text/plain",
    }


def test_customers_have_addresses_by_the_rules_of_their_country(morning: Dataset) -> None:
    countries = {address.draft.country for address in morning.addresses}
    assert countries == {"IN", "NG", "US", "DE"}
    assert all(address.draft.details() for address in morning.addresses)
    users = [address.row.user_id for address in morning.addresses]
    defaults = [one.row.user_id for one in morning.addresses if one.row.is_default]
    assert sorted(defaults) == sorted(set(users))


def test_vendors_deliver_to_the_addresses_of_their_city(morning: Dataset) -> None:
    """And further: the zone with the longest prefix of a postal code is that of the city."""
    zones: dict[UUID, list[ShippingZone]] = defaultdict(list)
    for zone in morning.shipping_zones:
        zones[zone.vendor_id].append(zone)
    for vendor in morning.vendors:
        if of_vendor := zones[vendor.row.id]:
            found = find_zone(of_vendor, vendor.row.country, vendor.area.pin_code)
            assert found is of_vendor[0]
    assert all(rate.terms.bands for rate in morning.shipping_rates)
    assert {code.kind for code in morning.promo_codes} == set(PromoKind)


def test_the_demo_customer_has_a_cart_with_problems(morning: Dataset) -> None:
    (customer,) = [user for user in morning.users if morning.emails[user.id] == CUSTOMER.email]
    (cart,) = [cart for cart in morning.carts if cart.user_id == customer.id]
    variants = {variant.id: variant for variant in morning.variants}
    stock = {stock.variant_id: stock.available for stock in morning.stock}
    first, second, *others = [line for line in morning.cart_lines if line.cart_id == cart.id]
    assert first.seen_price < variants[first.variant_id].price
    assert second.quantity > stock[second.variant_id]
    assert others
    assert len({cart.user_id for cart in morning.carts}) == len(morning.carts) > 10


def test_vendors_sell_at_rates_that_are_known(morning: Dataset) -> None:
    """Also those of the United States, where none is registered, so that nothing is taxed."""
    vendors = {vendor.row.id: vendor.row for vendor in morning.vendors}
    registrations = {one.row.vendor_id: one for one in morning.registrations}
    assert {one.row.kind for one in registrations.values()} == {SellerKind.REGULAR, SellerKind.NONE}
    for row, number in registrations.values():
        place = Jurisdiction(row.country, row.region)
        assert number is None or is_tax_number(number, place)
    treatments = set()
    for product in morning.products:
        vendor = vendors[product.vendor_id]
        known = [registrations[vendor.id].row] if vendor.id in registrations else []
        here = Jurisdiction(vendor.country, vendor.subdivision)
        line = SaleLine(product.id, product.tax_class, product.hsn_code)
        taxes = tax_sale(Sale(vendor, here, [line]), known, morning.tax_rates, morning.now)
        assert not taxes.unknown
        treatments.add(taxes.treatment)
    assert treatments == {Treatment.TAXED, Treatment.NOT_TAXED}
