"""Disputes, purchases and quota that are followed live: by those who may, and refused to others."""

from typing import Any

import pytest

from models.vendors import MemberRole
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

PURCHASES = """subscription ($after: String) { purchaseChanges(after: $after) {
    cursor purchase { purchaseState } } }"""
OF_VENDOR = {
    "purchases": """subscription ($vendorId: ID!, $after: String) {
        vendorPurchaseChanges(vendorId: $vendorId, after: $after) { cursor } }""",
    "disputes": """subscription ($vendorId: ID!, $after: String) {
        disputeChanges(vendorId: $vendorId, after: $after) { cursor } }""",
    "packs": """subscription ($vendorId: ID!, $after: String) {
        packBalanceChanges(vendorId: $vendorId, after: $after) { cursor } }""",
}


async def follow(shop: Shop, user: Any, query: str, **variables: Any) -> Any:
    return await shop._subscribe(tokens=[shop.token(user)], query=query, variables=variables)


async def test_buyers_follow_their_own_purchases(shop: Shop, world: World) -> None:
    client = shop.api.signed_in(shop.customer)
    money = {"amountMinor": 100_00, "currency": "INR"}
    given = money | {"provider": "MANUAL", "idempotencyKey": "one"}
    after = await shop.cursor(f"user:{shop.customer.id}")
    mine = await follow(shop, shop.customer, PURCHASES, after=after)
    other = await follow(
        shop, shop.owner, PURCHASES, after=await shop.cursor(f"user:{shop.owner.id}")
    )
    await mine.connected()
    await other.connected()
    assert await client.refusal_codes("topUpWallet", given) == []
    (purchase,) = await world.purchases(shop.customer)
    assert await client.refusal_codes("cancelPurchase", {"purchaseId": gid(purchase)}) == []
    changes = await mine.received(2)
    assert changes[-1]["purchase"] == {"purchaseState": "CANCELLED"}
    assert other.changes == []


FOR_VENDOR = """subscription ($vendorId: ID!, $after: String) {
    vendorPurchaseChanges(vendorId: $vendorId, after: $after) {
        cursor purchase { id purchasedBy { id } purchaseState } } }"""


async def test_managers_follow_the_purchases_of_others_for_their_vendor(
    shop: Shop, world: World
) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    after = await shop.cursor(shop.topic)
    subscriber = await follow(shop, manager, FOR_VENDOR, vendorId=gid(shop.vendor), after=after)
    await subscriber.connected()
    given = {"amountMinor": 100_00, "currency": "INR", "provider": "MANUAL"}
    of_vendor = given | {"vendorId": gid(shop.vendor), "idempotencyKey": "one"}
    owner = shop.api.signed_in(shop.owner)
    assert await owner.refusal_codes("topUpWallet", of_vendor) == []
    own = given | {"idempotencyKey": "own"}
    assert await owner.refusal_codes("topUpWallet", own) == []
    (purchase,) = await world.purchases(shop.vendor)
    assert await owner.refusal_codes("cancelPurchase", {"purchaseId": gid(purchase)}) == []
    changes = await subscriber.received(2)
    assert {one["purchase"]["id"] for one in changes} == {gid(purchase)}
    assert changes[-1]["purchase"] == {
        "id": gid(purchase),
        "purchasedBy": {"id": gid(shop.owner)},
        "purchaseState": "CANCELLED",
    }


@pytest.mark.parametrize("topic", OF_VENDOR)
async def test_others_do_not_follow_a_vendor(shop: Shop, world: World, topic: str) -> None:
    scanner = await new_member(world, shop.vendor, MemberRole.SCANNER)
    rival = await world.user()
    await world.vendor(rival)
    after = await shop.cursor(shop.topic)
    for user in (scanner, rival, shop.customer):
        subscriber = await follow(
            shop, user, OF_VENDOR[topic], vendorId=gid(shop.vendor), after=after
        )
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
