"""Disputes that the members of their vendors follow live."""

from typing import Any

from sqlalchemy import text

from models.identity.accounts import User
from models.payments.disputes import Dispute, DisputeShare, DisputeState
from models.payments.payments import PaymentProvider
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($vendorId: ID!, $after: String) {
  disputeChanges(vendorId: $vendorId, after: $after) {
    cursor dispute { id disputeState disputedAmount { amountMinor }
      shares { amount { amountMinor } } } } }"""
REMOVED = text("DELETE FROM vendor_member WHERE user_id = :id")


async def follow(shop: Shop, user: User | None) -> Any:
    variables = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    tokens = [shop.token(user)] if user else []
    return await shop._subscribe(tokens=tokens, query=CHANGES, variables=variables)


async def disputed(shop: Shop, world: World) -> Dispute:
    placed = await world.placed_order(await world.user(), [shop.vendor])
    dispute = Dispute(
        payment_id=placed.payments[0].id,
        provider=PaymentProvider.STRIPE,
        reference="dp_1",
        dispute_state=DisputeState.NEEDS_RESPONSE,
        reason="fraudulent",
        amount=1_000,
        currency=placed.order.currency,
    )
    share = DisputeShare(dispute_id=dispute.id, suborder_id=placed.suborders[0].id, amount=900)
    await world.save(dispute, share)
    return dispute


async def test_staff_follow_the_disputes_of_their_vendor(shop: Shop, world: World) -> None:
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    dispute = await disputed(shop, world)
    subscriber = await follow(shop, staff)
    await subscriber.connected()
    client = shop.api.signed_in(staff)
    given = {"disputeId": gid(dispute), "explanation": "Signed.", "idempotencyKey": "one"}
    assert await client.refusal_codes("answerDispute", given) == []
    (change,) = await subscriber.received(1)
    assert change["dispute"] == {
        "id": gid(dispute),
        "disputeState": "NEEDS_RESPONSE",
        "disputedAmount": None,
        "shares": [{"amount": {"amountMinor": 900}}],
    }


async def test_others_do_not_follow_disputes(shop: Shop, world: World) -> None:
    scanner = await new_member(world, shop.vendor, MemberRole.SCANNER)
    elsewhere = await world.user()
    await world.member(await world.vendor(), elsewhere, MemberRole.OWNER)
    for user in (scanner, elsewhere, shop.customer, await world.admin()):
        subscriber = await follow(shop, user)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
    anonymous = await follow(shop, None)
    await anonymous.ended()
    assert (anonymous.codes, anonymous.changes) == (["UNAUTHENTICATED"], [])


async def test_a_former_member_follows_disputes_no_more(shop: Shop, world: World) -> None:
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    dispute = await disputed(shop, world)
    subscriber = await follow(shop, staff)
    await subscriber.connected()
    owner = shop.api.signed_in(shop.owner)
    async with shop.database.session() as session, session.begin():
        await session.execute(REMOVED, {"id": staff.id})
    given = {"disputeId": gid(dispute), "explanation": "Signed.", "idempotencyKey": "one"}
    assert await owner.refusal_codes("answerDispute", given) == []
    await subscriber.ended()
    assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])
