"""Cancellation policies: saved, removed, limited, and changed by those who may."""

from typing import Any

import pytest

from models.bookings.setting_up.policies import MAX_POLICIES
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

POLICY = """cancellationPolicy { id name refundTiers { minutesBefore refundBps } reschedules
  rescheduleMinutes noShowBps }"""


def policy_input(vendor: Any, **changes: Any) -> dict[str, Any]:
    tiers = [
        {"minutesBefore": 120, "refundBps": 5_000},
        {"minutesBefore": 1_440, "refundBps": 10_000},
    ]
    given = {"vendorId": gid(vendor), "name": "Fair", "refundTiers": tiers, "idempotencyKey": "one"}
    return given | changes


async def test_save_and_remove_a_cancellation_policy(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    input = policy_input(clinic.vendor)
    saved = await client.do("saveCancellationPolicy", input, POLICY)
    assert saved["errors"] == []
    policy = saved["cancellationPolicy"]
    assert policy["refundTiers"] == [*reversed(input["refundTiers"])]
    assert (policy["reschedules"], policy["noShowBps"]) == (3, 10_000)
    assert await client.do("saveCancellationPolicy", input, POLICY) == saved
    again = input | {"idempotencyKey": "two"}
    codes = await client.refusal_codes("saveCancellationPolicy", again)
    assert codes == ["POLICY_NAME_TAKEN"]
    change = {"vendorId": gid(clinic.vendor), "policyId": policy["id"], "idempotencyKey": "three"}
    changed = await client.do(
        "saveCancellationPolicy", change | {"noShowBps": 0, "reschedules": 1}, POLICY
    )
    assert changed["cancellationPolicy"] == policy | {"noShowBps": 0, "reschedules": 1}
    listed = "query ($v: ID!) { cancellationPolicies(vendorId: $v) { nodes { id } } }"
    found = await api.ask(listed, v=gid(clinic.vendor))
    assert found["cancellationPolicies"]["nodes"] == [{"id": policy["id"]}]
    used = {"vendorId": gid(clinic.vendor), "serviceId": gid(clinic.visit)}
    used |= {"policyId": policy["id"], "idempotencyKey": "four"}
    assert await client.refusal_codes("saveService", used) == []
    removal = {"policyId": policy["id"]}
    assert await client.refusal_codes("removeCancellationPolicy", removal) == ["POLICY_IN_USE"]
    freed = used | {"policyId": None, "idempotencyKey": "five"}
    assert await client.refusal_codes("saveService", freed) == []
    removed = await client.do("removeCancellationPolicy", removal, "deletedId")
    assert removed == {"deletedId": policy["id"], "errors": []}
    assert await client.refusal_codes("removeCancellationPolicy", removal) == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (
            {"refundTiers": [{"minutesBefore": 60, "refundBps": 10_001}]},
            ["refundTiers", "0", "refundBps"],
        ),
        (
            {
                "refundTiers": [
                    {"minutesBefore": 60, "refundBps": 9_000},
                    {"minutesBefore": 120, "refundBps": 8_000},
                ]
            },
            ["refundTiers"],
        ),
        ({"refundTiers": [{"minutesBefore": 60, "refundBps": 1}] * 2}, ["refundTiers"]),
        (
            {"refundTiers": [{"minutesBefore": n, "refundBps": 1} for n in range(7)]},
            ["refundTiers"],
        ),
        ({"reschedules": 21}, ["reschedules"]),
        ({"name": " "}, ["name"]),
    ],
)
async def test_save_cancellation_policy_refuses(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    input = policy_input(await world.vendor(owner), **changes)
    payload = await api.signed_in(owner).do("saveCancellationPolicy", input)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]


async def test_save_cancellation_policy_stops_at_the_limit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    for _ in range(MAX_POLICIES):
        await world.cancellation_policy(clinic.vendor)
    codes = await api.signed_in(clinic.owner).refusal_codes(
        "saveCancellationPolicy", policy_input(clinic.vendor)
    )
    assert codes == ["POLICY_LIMIT_REACHED"]


@pytest.mark.parametrize("kind", ["nobody", *OUTSIDERS])
async def test_policies_are_changed_by_owners_and_managers_alone(
    world: World, api: Client, kind: str
) -> None:
    clinic = await Clinic.open(world)
    policy = await world.cancellation_policy(clinic.vendor)
    client = api
    if kind != "nobody":
        client = api.signed_in(await outsider(world, clinic.vendor, kind))
    for name, input in [
        ("saveCancellationPolicy", policy_input(clinic.vendor)),
        ("removeCancellationPolicy", {"policyId": gid(policy)}),
    ]:
        if kind == "nobody":
            assert await client.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        else:
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
    assert await world.fresh(policy) is not None
