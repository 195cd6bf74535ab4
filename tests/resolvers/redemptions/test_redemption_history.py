"""A vendor's attempts, filtered and counted by day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from models.redemptions import RedemptionOutcome, RedemptionReason
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World

LIST = """query ($id: ID!, $where: RedemptionWhere) {
  vendor(id: $id) { redemptions(where: $where) { nodes { id reason by { id } } } }
}"""
DAYS = """query ($id: ID!, $fromDay: Date!, $untilDay: Date!) {
  vendor(id: $id) { redemptionDays(fromDay: $fromDay, untilDay: $untilDay) {
    day approved refused
  } }
}"""
APPROVED = {"outcome": RedemptionOutcome.APPROVED, "reason": RedemptionReason.APPROVED}


async def test_redemptions_by_each_condition(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=2)
    voucher, colleague = await till.voucher(), await world.user()
    other = await world.voucher(await world.offer(till.vendor), till.customer)
    old = await world.redemption(till.vendor, voucher, created_at=now() - timedelta(days=2))
    approved = await world.redemption(till.vendor, other, member_id=colleague.id, **APPROVED)
    client = api.signed_in(till.scanner)
    for where, rows in (
        ({}, [approved, old]),
        ({"outcome": "APPROVED"}, [approved]),
        ({"reason": "EXPIRED"}, [old]),
        ({"offerId": gid(till.offer)}, [old]),
        ({"memberId": gid(colleague)}, [approved]),
        ({"attemptedFrom": (now() - timedelta(days=1)).isoformat()}, [approved]),
        ({"attemptedBefore": (now() - timedelta(days=1)).isoformat()}, [old]),
    ):
        found = (await client.ask(LIST, id=gid(till.vendor), where=where))["vendor"]
        assert [one["id"] for one in found["redemptions"]["nodes"]] == [gid(row) for row in rows]


async def test_redemption_names_who_scanned_it_to_colleagues_only(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    await till.redeem(api, code=(await till.voucher()).code)
    found = await api.signed_in(till.scanner).ask(LIST, id=gid(till.vendor))
    assert found["vendor"]["redemptions"]["nodes"][0]["by"] == {"id": gid(till.scanner)}
    (attempt,) = await till.attempts()
    query = "query ($id: ID!) { node(id: $id) { ... on Redemption { reason by { id } } } }"
    found = await api.signed_in(till.customer).ask(query, id=gid(attempt))
    assert found == {"node": {"reason": "APPROVED", "by": None}}


async def test_redemption_of_a_guessed_code_does_not_disclose_that_it_exists(
    world: World, api: Client
) -> None:
    till, elsewhere = await Till.open(world), await Till.open(world)
    voucher = await elsewhere.voucher()
    assert (await till.redeem(api, code=voucher.code))["reason"] == "UNKNOWN"
    assert (await till.redeem(api, token=voucher.token))["reason"] == "OTHER_VENDOR"
    client = api.signed_in(till.scanner)

    async def listed(**where: Any) -> list[str]:
        found = (await client.ask(LIST, id=gid(till.vendor), where=where))["vendor"]
        return [one["reason"] for one in found["redemptions"]["nodes"]]

    assert await listed() == ["OTHER_VENDOR", "UNKNOWN"]
    assert await listed(reason="OTHER_VENDOR") == ["OTHER_VENDOR"]
    assert await listed(reason="UNKNOWN") == ["UNKNOWN"]
    assert await listed(offerId=gid(elsewhere.offer)) == []
    history = "query ($id: ID!) { node(id: $id) { ... on Voucher { redemptions { reason } } } }"
    for user in (elsewhere.customer, await world.admin()):
        found = await api.signed_in(user).ask(history, id=gid(voucher))
        assert found["node"]["redemptions"] == [{"reason": "OTHER_VENDOR"}] * 2
    found = await api.signed_in(elsewhere.scanner).ask(history, id=gid(voucher))
    assert found["node"]["redemptions"] == []


async def test_redemption_days_are_those_of_the_vendors_time_zone(
    world: World, api: Client
) -> None:
    till = await Till.open(world, claimed=1)
    owner = await world.user()
    vendor = await world.vendor(owner, time_zone="America/New_York")
    voucher = await till.voucher()
    # Clocks go back on 1 November 2026 at 06:00 UTC: that day has 25 hours.
    for at in ((1, 3, 59), (1, 4, 0), (2, 4, 59), (2, 5, 0)):
        moment = datetime(2026, 11, at[0], at[1], at[2], tzinfo=UTC)
        await world.redemption(vendor, voucher, created_at=moment)
    client = api.signed_in(owner)
    given = {"fromDay": "2026-10-31", "untilDay": "2026-11-03"}
    found = (await client.ask(DAYS, id=gid(vendor), **given))["vendor"]["redemptionDays"]
    assert [(one["day"], one["approved"], one["refused"]) for one in found] == [
        ("2026-10-31", 0, 1),
        ("2026-11-01", 0, 2),
        ("2026-11-02", 0, 1),
        ("2026-11-03", 0, 0),
    ]


@pytest.mark.parametrize(
    ("first", "last"), [("2026-01-02", "2026-01-01"), ("2026-01-01", "2026-04-03")]
)
async def test_redemption_days_are_at_most_92(
    world: World, api: Client, first: str, last: str
) -> None:
    owner = await world.user()
    given = {"id": gid(await world.vendor(owner)), "fromDay": first, "untilDay": last}
    assert await api.signed_in(owner).failed(DAYS, **given) == ["BAD_USER_INPUT"]


async def test_redemption_days_are_for_members_and_admins(world: World, api: Client) -> None:
    vendor = await world.vendor()
    given = {"id": gid(vendor), "fromDay": "2026-01-01", "untilDay": "2026-01-02"}
    assert await api.signed_in(await world.user()).failed(DAYS, **given) == ["FORBIDDEN"]
    assert await api.failed(DAYS, **given) == ["UNAUTHENTICATED"]
    assert len((await api.signed_in(await world.admin()).ask(DAYS, **given))["vendor"]) == 1
