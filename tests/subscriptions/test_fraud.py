"""Changes of fraud cases for reviewers, and of a check for the customer and the till."""

from datetime import timedelta
from typing import Any

from core.clock import now
from core.redis.pubsub import PubSub
from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role, User
from services.fraud import holds
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.fraud import HELD, cases, decision, manager_of, score_with
from tests.factories.world import World
from tests.subscriptions.conftest import Shop
from tests.subscriptions.subscription_client import SubscriptionClient

CASES = """subscription ($vendorId: ID!, $after: String) {
  fraudCaseChanges(vendorId: $vendorId, after: $after) {
    cursor fraudCase { id caseState riskScore holdEffect caseNotes { id } }
  }
}"""


async def follow(shop: Shop, user: User | None, **variables: Any) -> SubscriptionClient:
    url, keys = str(shop.api.http.base_url.join("/graphql")), shop.api.keys
    tokens = [_token(keys, user)] if user else []
    asked = {"url": url, "transport": "sse", "tokens": tokens, "query": CASES}
    return await shop.start(**asked, variables={"vendorId": gid(shop.vendor)} | variables)


def _token(keys: SigningKeys, user: User) -> str:
    return keys.sign_access(user.id, user.id, 15, admin=user.role is Role.ADMIN)[0]


async def test_reviewers_follow_cases(shop: Shop, world: World) -> None:
    manager, admin = await manager_of(world, shop.vendor), await world.admin()
    start = await shop.cursor(shop.topic)
    followers = [await follow(shop, user, after=start) for user in (manager, admin)]
    await score_with(world, shop.vendor, HELD)
    await shop.redeem()
    (case,) = await cases(world)
    client: Client = shop.api.signed_in(admin)
    assert await client.refusal_codes("takeFraudCase", {"caseId": gid(case)}) == []
    assert await client.refusal_codes("decideFraudCase", decision(case)) == []
    for follower in followers:
        changes = await follower.received(3)
        seen = [one["fraudCase"] for one in changes if one["fraudCase"]]
        assert {one["id"] for one in seen} == {gid(case)}
        assert {one["riskScore"] for one in seen} == {HELD}
        assert seen[-1]["caseState"] == "RESOLVED"


async def test_the_customer_and_the_till_see_the_check_live(shop: Shop, world: World) -> None:
    await score_with(world, shop.vendor, HELD)
    customer, till = await shop.subscribe_voucher(), await shop.subscribe_vendor()
    await shop.redeem()
    presented = (await customer.received(1))[0]
    assert (presented["kind"], presented["redemption"]["outcome"]) == ("PRESENTED", "HELD")
    await till.received(1)
    (case,) = await cases(world)
    admin = shop.api.signed_in(await world.admin())
    assert await admin.refusal_codes("decideFraudCase", decision(case)) == []
    checked = [change for change in await customer.received(2) if change["kind"] == "CHECKED"]
    assert [one["redemption"]["outcome"] for one in checked] == ["APPROVED"]
    assert checked[0]["voucher"]["state"] == "REDEEMED"
    at_till = [change["kind"] for change in await till.received(2)]
    assert at_till[-1] == "CHECKED"


async def test_others_do_not_follow_cases(shop: Shop, world: World) -> None:
    stranger = await world.user()
    for user, code in (
        (None, "UNAUTHENTICATED"),
        (shop.customer, "NOT_FOUND"),
        (stranger, "NOT_FOUND"),
    ):
        follower = await follow(shop, user)
        await follower.ended()
        assert (follower.codes, follower.changes) == ([code], [])


async def test_each_kind_of_change_arrives_and_resumes(shop: Shop, world: World) -> None:
    """Opened, taken, given back, noted, a hold that ended, and decided; also from a cursor."""
    manager = await manager_of(world, shop.vendor)
    start = await shop.cursor(shop.topic)
    follower = await follow(shop, manager, after=start)
    client: Client = shop.api.signed_in(manager)
    transactions = Transactions(shop.database, PubSub("redis://nowhere"))

    async def next_change(known: list[Any]) -> dict[str, Any]:
        await follower.until(
            lambda self: len([one for one in self.changes if one["fraudCase"]]) > len(known)
        )
        changes = [one for one in follower.changes if one["fraudCase"]]
        known.append(changes[len(known)])
        seen: dict[str, Any] = known[-1]["fraudCase"]
        return seen

    known: list[Any] = []
    await score_with(world, shop.vendor, HELD)
    await shop.redeem()
    assert (await next_change(known))["caseState"] == "OPEN"
    (case,) = await cases(world)
    of_case = {"caseId": gid(case)}
    assert await client.refusal_codes("takeFraudCase", of_case) == []
    assert (await next_change(known))["caseState"] == "UNDER_REVIEW"
    (case,) = await cases(world)
    case.lease_until = now() - timedelta(seconds=1)
    await world.save(case)
    async with transactions.begin() as session:
        await holds.return_lapsed(session)
    assert (await next_change(known))["caseState"] == "OPEN"
    assert await client.refusal_codes("addFraudCaseNote", of_case | {"text": "A note"}) == []
    assert len((await next_change(known))["caseNotes"]) == 1
    (case,) = await cases(world)
    case.hold_ends_at = now() - timedelta(seconds=1)
    await world.save(case)
    await holds.end_overdue(transactions.begin)
    assert (await next_change(known))["holdEffect"] == "TIMED_OUT"
    assert await client.refusal_codes("decideFraudCase", decision(case)) == []
    assert (await next_change(known))["caseState"] == "RESOLVED"
    again = await follow(shop, manager, after=known[-2]["cursor"])
    (resumed,) = [one for one in await again.received(1) if one["fraudCase"]]
    assert resumed["cursor"] == known[-1]["cursor"]
