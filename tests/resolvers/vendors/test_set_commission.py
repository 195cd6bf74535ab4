"""The commission of a vendor, set by admins and seen by its owners."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.vendors import MemberRole
from models.vendors.commissions import MAX_PLANNED, VendorCommission
from tests.client import Client, gid, unknown
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.audit.test_audit_log import read_log

RATES = "query ($id: ID!) { vendor(id: $id) { commissions { bps startsAt } } }"
NOTICES = "{ viewer { notifications { nodes { kind subject { id } } } } }"


@pytest.fixture
async def admin(world: World, api: Client) -> Client:
    return api.signed_in(await world.admin())


async def rates(client: Client, vendor: Any) -> list[int]:
    seen = await client.ask(RATES, id=gid(vendor))
    return [one["bps"] for one in seen["vendor"]["commissions"]]


def given(vendor: Any, bps: int, days: float | None = None) -> dict[str, Any]:
    values = {"vendorId": gid(vendor), "bps": bps}
    return (
        values
        if days is None
        else values | {"startsAt": (now() + timedelta(days=days)).isoformat()}
    )


async def test_rates_begin_at_once_or_later(world: World, api: Client, admin: Client) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    assert await rates(client, vendor) == []
    later = (now() + timedelta(days=30)).isoformat()
    for values in (
        given(vendor, 500),
        given(vendor, 800) | {"startsAt": later},
        given(vendor, 750) | {"startsAt": later},
        given(vendor, 750) | {"startsAt": later},
        given(vendor, 600),
        given(vendor, 600),
    ):
        assert await admin.refusal_codes("setCommission", values) == []
    assert await rates(client, vendor) == await rates(admin, vendor) == [600, 750]
    entries = await read_log(admin, act="SET_COMMISSION", outcome="DONE", count=4)
    assert {entry["subjectId"] for entry in entries} == {gid(vendor)}
    nodes = (await client.ask(NOTICES))["viewer"]["notifications"]["nodes"]
    assert nodes == [{"kind": "COMMISSION_SET", "subject": {"id": gid(vendor)}}] * 4


async def test_a_rate_that_has_begun_replaces_the_one_before(
    world: World, api: Client, admin: Client
) -> None:
    owner, moment = await world.user(), now()
    vendor = await world.vendor(owner)
    rows = [
        VendorCommission(
            vendor_id=vendor.id,
            number=number + 1,
            bps=100 * number,
            starts_at=moment + timedelta(days=number - 2),
            admin_id=owner.id,
        )
        for number in range(4)
    ]
    await world.save(*rows)
    assert await rates(api.signed_in(owner), vendor) == [200, 300]


@pytest.mark.parametrize(
    ("bps", "days", "field"),
    [(-1, None, "bps"), (5001, None, "bps"), (500, -1, "startsAt"), (500, 367, "startsAt")],
)
async def test_rates_that_are_not_valid(
    world: World, admin: Client, bps: int, days: float | None, field: str
) -> None:
    (error,) = (await admin.do("setCommission", given(await world.vendor(), bps, days)))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", [field])


async def test_a_limited_number_of_rates_can_be_planned(world: World, admin: Client) -> None:
    vendor = await world.vendor()
    for number in range(MAX_PLANNED):
        values = given(vendor, number, number + 1)
        assert await admin.refusal_codes("setCommission", values) == []
    assert await admin.refusal_codes("setCommission", given(vendor, 1, 20)) == ["INVALID_INPUT"]


async def test_a_time_that_has_just_passed_is_the_current_one(
    world: World, api: Client, admin: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    assert await admin.refusal_codes("setCommission", given(vendor, 500, -1 / 1440)) == []
    assert await rates(api.signed_in(owner), vendor) == [500]


async def test_commissions_as_others(world: World, api: Client, admin: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    for role in (MemberRole.MANAGER, MemberRole.STAFF):
        member = api.signed_in(await new_member(world, vendor, role))
        assert await member.failed(RATES, id=gid(vendor)) == ["FORBIDDEN"]
    rival, other = await world.user(), api.signed_in(owner)
    await world.vendor(rival)
    assert await api.signed_in(rival).failed(RATES, id=gid(vendor)) == ["FORBIDDEN"]
    assert await api.failed(RATES, id=gid(vendor)) == ["UNAUTHENTICATED"]
    values = given(vendor, 0)
    assert await api.mutation_failed("setCommission", values) == ["UNAUTHENTICATED"]
    for client in (other, api.signed_in(rival)):
        assert await client.mutation_failed("setCommission", values) == ["FORBIDDEN"]
    nowhere = values | {"vendorId": unknown("Vendor")}
    assert await admin.refusal_codes("setCommission", nowhere) == ["NOT_FOUND"]
