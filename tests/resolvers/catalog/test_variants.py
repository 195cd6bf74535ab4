"""Variants: added, changed, retired and restored by the managers of their vendor."""

from typing import Any

import pytest

from models.catalog.products import ProductState
from models.catalog.variants import MAX_VARIANTS, VariantState
from tests.client import Client, gid
from tests.factories.catalog import SIZES, money
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.catalog.test_create_product import chosen

FIELDS = "variant { id sku state price { amountMinor } compareAt { amountMinor } orderable }"


def variant_input(product: Any, key: str = "first", **changes: Any) -> dict[str, Any]:
    variant = {"sku": "L", "price": money(20_000), "options": chosen("l"), "onHand": 3} | changes
    return {"productId": gid(product), "variant": variant, "idempotencyKey": key}


async def test_add_variant_once_per_key(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(
        await world.vendor(owner), options=SIZES, variants=0, min_price=1, max_price=1
    )
    await world.variant(product, options={"size": "s"})
    client = api.signed_in(owner)
    given = variant_input(product)
    added = await client.do("addVariant", given, FIELDS)
    assert added["errors"] == []
    assert added["variant"]["orderable"] == 3
    assert await client.do("addVariant", given, FIELDS) == added
    prices = (await world.fresh(product)).min_price, (await world.fresh(product)).max_price
    assert prices == (10_000, 20_000)
    twin = variant_input(product, "second", sku="L2")
    assert await client.refusal_codes("addVariant", twin) == ["VARIANT_EXISTS"]
    wrong = variant_input(product, "third", options=chosen("m"))
    payload = await client.do("addVariant", wrong)
    assert [error["field"] for error in payload["errors"]] == [["variant", "options"]]
    await check_invariants(world.database)


async def test_add_variant_up_to_the_limit(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner), variants=0, state=ProductState.DRAFT)
    for number in range(MAX_VARIANTS):
        await world.variant(product, options={"number": str(number)}, on_hand=0)
    given = variant_input(product, options=[])
    codes = await api.signed_in(owner).refusal_codes("addVariant", given)
    assert codes == ["VARIANT_LIMIT_REACHED"]


async def test_update_variant_changes_the_prices_of_its_product(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner))
    (variant,) = await world.variants(product)
    client, id = api.signed_in(owner), {"variantId": gid(variant)}
    changed = id | {"price": money(500), "compareAt": money(700), "perOrderMax": 2}
    payload = await client.do("updateVariant", changed, FIELDS)
    assert payload["variant"]["price"] == {"amountMinor": 500}
    assert payload["variant"]["compareAt"] == {"amountMinor": 700}
    assert payload["variant"]["orderable"] == 2
    assert (await world.fresh(product)).min_price == 500
    for wrong in ({"price": money(700)}, {"compareAt": money(500)}, {"sku": None}):
        assert await client.refusal_codes("updateVariant", id | wrong) == ["INVALID_INPUT"]
    reset = await client.do("updateVariant", id | {"compareAt": None, "perOrderMax": None}, FIELDS)
    assert reset["variant"]["compareAt"] is None
    assert reset["variant"]["orderable"] == 10
    (other,) = await world.variants(await world.product(await world.vendor(owner)))
    assert await client.refusal_codes("updateVariant", id | {"sku": other.sku}) == []
    await check_invariants(world.database)


async def test_retire_and_restore_a_variant(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    product = await world.product(vendor)
    dear = await world.variant(product, price=50_000, options={"size": "l"})
    client, id = api.signed_in(owner), {"variantId": gid(dear)}
    for _ in range(2):
        retired = await client.do("retireVariant", id, FIELDS)
        assert (retired["variant"]["state"], retired["variant"]["orderable"]) == ("RETIRED", 0)
    assert (await world.fresh(product)).max_price == 10_000
    (last, _) = await world.variants(product)
    given = {"variantId": gid(last)}
    assert await client.refusal_codes("retireVariant", given) == ["PRODUCT_INCOMPLETE"]
    query = """query ($id: ID!, $product: ID!) {
        node(id: $id) { id } product(id: $product) { variants { id } retiredVariants { id } } }"""
    ids = {"id": gid(dear), "product": gid(product)}
    seen = await client.ask(query, **ids)
    assert seen["product"]["retiredVariants"] == [seen["node"]] == [{"id": gid(dear)}]
    public = await api.ask(query, **ids)
    assert (public["node"], public["product"]["retiredVariants"]) == (None, [])
    assert len(public["product"]["variants"]) == 1
    refused = await client.refusal_codes("restoreVariant", id)
    assert refused == ["INVALID_INPUT"], "the product has no options"
    await check_invariants(world.database)


async def test_restore_variant_whose_place_is_taken(world: World, api: Client) -> None:
    owner = await world.user()
    product = await world.product(await world.vendor(owner))
    former = await world.variant(product, state=VariantState.RETIRED)
    client, id = api.signed_in(owner), {"variantId": gid(former)}
    assert await client.refusal_codes("restoreVariant", id) == ["VARIANT_EXISTS"]
    hidden = await world.product(await world.vendor(owner), variants=0, state=ProductState.DRAFT)
    back = await world.variant(hidden, state=VariantState.RETIRED)
    restored = await client.do("restoreVariant", {"variantId": gid(back)}, FIELDS)
    assert restored["variant"]["state"] == "ACTIVE"
    assert (await world.fresh(hidden)).min_price == 10_000


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_variants_of_others_do_not_change(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor(await world.user())
    product = await world.product(vendor)
    (variant,) = await world.variants(product)
    client = api.signed_in(await outsider(world, vendor, kind))
    calls: list[tuple[str, dict[str, Any]]] = [
        (name, {"variantId": gid(variant)})
        for name in ("updateVariant", "retireVariant", "restoreVariant")
    ]
    for name, given in [("addVariant", variant_input(product)), *calls]:
        assert await client.refusal_codes(name, given) == ["NOT_FOUND"], name
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"], name
    assert await world.fresh(variant) == variant
