"""The quote of a checkout: what it costs, what keeps it from being ordered, and what it touches."""

from typing import Any

import pytest
from sqlalchemy import text

from core.security.sealed import Sealer
from models.catalog.products import ProductKind, ProductState
from models.catalog.variants import Variant
from models.checkouts import Checkout, CheckoutProblem, ProblemCode
from models.errors import Refusal
from models.identity.accounts import User
from models.pricing.discounts import PromoKind, Reason
from models.promos.codes import PromoCodeState
from models.shipping.rates import RateKind
from models.vendors import Vendor, VendorStatus
from services.checkouts.quote import Quote, quote_checkout
from services.viewer import Viewer
from tests.factories.addresses import BENGALURU
from tests.factories.checkouts import postal
from tests.factories.world import World
from tests.resolvers.counting import captured


async def quote(world: World, checkout: Checkout) -> Quote:
    async with world.database.session() as session:
        viewer = Viewer(checkout.user_id)
        return await quote_checkout(session, viewer, Sealer(world.keys), checkout)


async def shop(world: World, *prices: int, **values: Any) -> tuple[Vendor, list[Variant]]:
    """Return a vendor that delivers in India for 49.00, with a variant for each price."""
    vendor = await world.vendor()
    products = [await world.product(vendor, price=price, **values) for price in prices]
    return vendor, [(await world.variants(product))[0] for product in products]


async def rate_of(world: World, vendor: Vendor, **values: Any) -> Any:
    return await world.shipping_rate(await world.shipping_zone(vendor), **values)


def codes_of(found: Quote) -> list[ProblemCode]:
    return [problem.code for problem in found.problems]


async def test_quote_of_goods_of_two_vendors(world: World) -> None:
    (first, mugs), (second, [tea]) = await shop(world, 100_00, 250_00), await shop(world, 30_00)
    user = await world.user()
    cart = await world.cart(user, *((one, 2) for one in (*mugs, tea)))
    rates = (await rate_of(world, first), await rate_of(world, second, bands=[[None, 20_00]]))
    found = await quote(world, await world.checkout(cart, rates=rates))
    assert found.problems == []
    assert [group.vendor.id for group in found.groups] == [first.id, second.id]
    assert [group.part.goods for group in found.groups] == [700_00, 60_00]
    assert [group.part.shipping for group in found.groups] == [49_00, 20_00]
    assert found.total == 829_00
    assert set(found.groups[0].sellable) == {mug.id for mug in mugs}
    found.ensure_orderable()


async def test_quote_with_codes(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    other, [tea] = await shop(world, 50_00)
    rates = (await rate_of(world, vendor), await rate_of(world, other))
    cart = await world.cart(await world.user(), (mug, 1), (tea, 1))
    codes = (
        await world.promo_code(vendor, combines=True),
        await world.promo_code(kind=PromoKind.FREE_DELIVERY, value=0, combines=True),
    )
    found = await quote(world, await world.checkout(cart, rates=rates, codes=codes))
    assert found.problems == []
    taken = [one.applied.amount if one.applied else None for one in found.codes]
    assert taken == [10_00, 98_00]
    assert [group.part.discount for group in found.groups] == [59_00, 49_00]
    assert found.total == 140_00


async def test_delivery_is_priced_after_the_discounts_of_the_vendor_alone(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    rate = await rate_of(world, vendor, free_over=95_00)
    cart = await world.cart(await world.user(), (mug, 1))
    own, platform = await world.promo_code(vendor), await world.promo_code()
    for code, shipping in ((own, 49_00), (platform, 0)):
        checkout = await world.checkout(cart, rates=(rate,), codes=(code,))
        found = await quote(world, checkout)
        assert [group.part.shipping for group in found.groups] == [shipping]
        await world.delete(checkout)


async def test_problems_of_the_address_and_of_deliveries(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    cart = await world.cart(await world.user(), (mug, 1))
    checkout = await world.checkout(cart, address=None)
    assert (await quote(world, checkout)).problems == [CheckoutProblem(ProblemCode.ADDRESS_MISSING)]
    await world.delete(checkout)
    checkout = await world.checkout(cart)
    assert (await quote(world, checkout)).problems == [
        CheckoutProblem(ProblemCode.NO_DELIVERY, vendor_id=vendor.id)
    ]
    rate = await rate_of(world, vendor)
    found = await quote(world, checkout)
    assert found.problems == [CheckoutProblem(ProblemCode.DELIVERY_NOT_CHOSEN, vendor_id=vendor.id)]
    [group] = found.groups
    assert [(one.rate.id, one.price) for one in group.deliveries] == [(rate.id, 49_00)]
    assert (group.chosen, group.part.shipping) == (None, 0)


async def test_digital_goods_need_an_address_and_no_delivery(world: World) -> None:
    _, [ebook] = await shop(world, 100_00, kind=ProductKind.DIGITAL)
    cart = await world.cart(await world.user(), (ebook, 1))
    checkout = await world.checkout(cart)
    found = await quote(world, checkout)
    assert (found.problems, found.total) == ([], 100_00)
    billed = checkout.model_copy(update={"ship_to": None, "bill_to": None})
    assert codes_of(await quote(world, billed)) == [ProblemCode.ADDRESS_MISSING]


async def test_files_bear_no_share_of_a_delivery(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    ebook = (await world.variants(await world.product(vendor, kind=ProductKind.DIGITAL)))[0]
    rate = await rate_of(world, vendor)
    cart = await world.cart(await world.user(), (mug, 1), (ebook, 1))
    found = await quote(world, await world.checkout(cart, rates=(rate,)))
    [group] = found.groups
    shipping = {one.line.id: one.shipping for one in group.part.lines}
    assert shipping == {mug.id: 49_00, ebook.id: 0}


async def test_problems_of_goods(world: World) -> None:
    user, vendor = await world.user(), await world.vendor()
    gone = (await world.variants(await world.product(vendor, state=ProductState.HIDDEN)))[0]
    scarce, limited, dearer = [
        await world.variant(await world.product(vendor), **values)
        for values in (
            {"on_hand": 1, "options": {"a": "b"}},
            {"per_order_max": 1, "options": {"a": "b"}},
            {"options": {"a": "b"}},
        )
    ]
    closed_vendor = await world.vendor(status=VendorStatus.SUSPENDED)
    closed = (await world.variants(await world.product(closed_vendor)))[0]
    cart = await world.cart(user, *((one, 2) for one in (gone, scarce, limited, dearer, closed)))
    dearer.price = 110_00
    await world.save(dearer)
    await rate_of(world, vendor)
    found = await quote(world, await world.checkout(cart))
    assert found.problems == [
        CheckoutProblem(ProblemCode.NOT_SOLD, gone.id, vendor.id),
        CheckoutProblem(ProblemCode.INSUFFICIENT_STOCK, scarce.id, vendor.id, available=1),
        CheckoutProblem(ProblemCode.PER_ORDER_MAX, limited.id, vendor.id, most=1),
        CheckoutProblem(ProblemCode.PRICE_CHANGED, dearer.id, vendor.id, seen=100_00, now=110_00),
        CheckoutProblem(ProblemCode.VENDOR_CLOSED, closed.id, closed_vendor.id),
        CheckoutProblem(ProblemCode.DELIVERY_NOT_CHOSEN, vendor_id=vendor.id),
    ]
    assert found.total == 2 * (100_00 + 100_00 + 110_00)
    with pytest.raises(Refusal) as caught:
        found.ensure_orderable()
    refusals = [caught.value, *caught.value.further]
    assert [refusal.code for refusal in refusals] == codes_of(found)


async def test_goods_of_another_currency_are_of_another_checkout(world: World) -> None:
    (_, [mug]), abroad = await shop(world, 100_00), await world.vendor(currency="EUR", country="DE")
    stein = (await world.variants(await world.product(abroad, on_hand=0)))[0]
    cart = await world.cart(await world.user(), (mug, 1), (stein, 1))
    assert (await quote(world, await world.checkout(cart))).total == 100_00
    found = await quote(world, await world.checkout(cart, currency="EUR"))
    assert codes_of(found)[0] is ProblemCode.INSUFFICIENT_STOCK
    found = await quote(world, await world.checkout(cart, currency="NGN"))
    assert found.problems[0] == CheckoutProblem(ProblemCode.CHECKOUT_EMPTY)
    assert (found.total, found.groups) == (0, [])


async def test_problems_of_codes(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    other = await world.vendor()
    rate = await rate_of(world, vendor)
    user = await world.user()
    cart = await world.cart(user, (mug, 1))
    ended, used_up, dear, of_other, euros = [
        await world.promo_code(**values)
        for values in (
            {"state": PromoCodeState.ENDED, "ended_at": vendor.created_at},
            {"capacity": 1, "used": 1},
            {"minimum": 100_01, "combines": True},
            {"vendor": other, "combines": True},
            {"currency": "EUR"},
        )
    ]
    codes = (ended, used_up, dear, of_other, euros)
    found = await quote(world, await world.checkout(cart, rates=(rate,), codes=codes))
    assert [(one.code, one.promo_code_id, one.reason) for one in found.problems] == [
        (ProblemCode.PROMO_NOT_VALID, ended.id, None),
        (ProblemCode.PROMO_USED_UP, used_up.id, None),
        (ProblemCode.PROMO_NOT_VALID, euros.id, None),
        (ProblemCode.PROMO_NOT_APPLICABLE, dear.id, Reason.BELOW_MINIMUM),
        (ProblemCode.PROMO_NOT_APPLICABLE, of_other.id, Reason.NOT_COVERED),
    ]
    assert found.total == 149_00


async def test_codes_that_do_not_combine_take_nothing_off(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    cart = await world.cart(await world.user(), (mug, 1))
    codes = (await world.promo_code(vendor), await world.promo_code(combines=True))
    found = await quote(world, await world.checkout(cart, codes=codes))
    assert [one.reason for one in found.problems if one.promo_code_id] == [
        Reason.NOT_COMBINABLE,
        Reason.NOT_COMBINABLE,
    ]
    assert found.total == 100_00


async def _large(world: World, user: User, vendors: int) -> Checkout:
    shops = [await shop(world, 100_00) for _ in range(vendors)]
    rates = tuple([await rate_of(world, vendor) for vendor, _ in shops])
    cart = await world.cart(user, *((variants[0], 1) for _, variants in shops))
    codes = tuple([await world.promo_code(vendor, combines=True) for vendor, _ in shops[:5]])
    return await world.checkout(cart, rates=rates, codes=codes)


async def test_quote_sends_the_same_statements_for_one_line_and_for_twenty(world: World) -> None:
    counts = []
    for vendors in (1, 20):
        checkout = await _large(world, await world.user(), vendors)
        with captured() as seen:
            found = await quote(world, checkout)
        assert (len(found.groups), found.problems) == (vendors, [])
        counts.append(len(seen))
    assert counts == [10, 10]


async def test_a_thousand_quotes_change_no_row_of_stock(world: World) -> None:
    checkout = await _large(world, await world.user(), 2)
    rows = text("SELECT xmin, ctid, * FROM stock ORDER BY id")
    async with world.database.session() as session:
        before = (await session.execute(rows)).all()
        for _ in range(1_000):
            viewer = Viewer(checkout.user_id)
            await quote_checkout(session, viewer, Sealer(world.keys), checkout)
        await session.commit()
        assert (await session.execute(rows)).all() == before
        assert (await session.execute(text("SELECT count(*) FROM reservation"))).scalar() == 0


async def test_taxes_by_the_place_of_supply(world: World) -> None:
    """A vendor of Karnataka sells there with CGST and SGST, to Delhi with IGST."""
    vendor = await world.vendor(subdivision="Karnataka")
    (mug,) = await world.variants(await world.product(vendor, price=118_00))
    rate = await rate_of(world, vendor, bands=[[None, 0]])
    await world.tax_registration(vendor)
    cart = await world.cart(await world.user(), (mug, 1))
    checkout = await world.checkout(cart, rates=(rate,))
    assert codes_of(await quote(world, checkout)) == [ProblemCode.TAX_UNKNOWN]
    await world.tax_rate()
    found = await quote(world, checkout)
    assert [(one.component, one.rate_bps, one.base, one.tax) for one in found.totals.taxes] == [
        ("CGST", 900, 100_00, 9_00),
        ("SGST", 900, 100_00, 9_00),
    ]
    assert (found.totals.tax_included, found.totals.tax_added, found.total) == (18_00, 0, 118_00)
    delhi = BENGALURU | {"city": "Delhi", "subdivision": "Delhi", "postal_code": "110001"}
    checkout.ship_to = world.sealer.seal("checkout.ship_to", checkout.id, postal(delhi).encode())
    found = await quote(world, checkout)
    assert [(one.component, one.tax) for one in found.totals.taxes] == [("IGST", 18_00)]


async def test_what_is_picked_up_is_taxed_where_the_vendor_is(world: World) -> None:
    vendor = await world.vendor(subdivision="Karnataka")
    (mug,) = await world.variants(await world.product(vendor))
    zone = await world.shipping_zone(vendor)
    pickup = await world.shipping_rate(zone, kind=RateKind.PICKUP, bands=[[None, 0]])
    await world.tax_registration(vendor)
    await world.tax_rate()
    cart = await world.cart(await world.user(), (mug, 1))
    delhi = BENGALURU | {"city": "Delhi", "subdivision": "Delhi", "postal_code": "110001"}
    checkout = await world.checkout(cart, address=delhi, rates=(pickup,))
    found = await quote(world, checkout)
    assert [one.component for one in found.totals.taxes] == ["CGST", "SGST"]


async def test_the_wallet_pays_at_most_the_total(world: World) -> None:
    vendor, [mug] = await shop(world, 100_00)
    rate = await rate_of(world, vendor, bands=[[None, 0]])
    user = await world.user()
    cart = await world.cart(user, (mug, 1))
    checkout = await world.checkout(cart, rates=(rate,), wallet=500_00)
    found = await quote(world, checkout)
    assert (found.wallet, found.to_pay) == (100_00, 0)
    [problem] = found.problems
    assert (problem.code, problem.balance) == (ProblemCode.WALLET_TOO_LOW, 0)
    await world.fund(user, 60_00, promo=40_00)
    assert (await quote(world, checkout)).problems == []
