"""Settings of the risk score: versions, rights, limits, precision and previews."""

import asyncio
from typing import Any

import pytest

from models.fraud.rules import DEFAULT_RULES
from models.vendors import MemberRole
from services.fraud import previews
from services.fraud.score import Score
from services.fraud.score import score as score_of
from tests.client import Client, gid
from tests.factories.fraud import decision, manager_of, score_with, stored_case
from tests.factories.redemptions import Till
from tests.factories.world import World

SETTINGS = """query ($vendorId: ID) { fraudSettings(vendorId: $vendorId) {
  baseVersion
  current { version fraudMode holdFrom fraudRules { factor limit points } windows { seconds } }
  versions { version fraudMode }
  precision { factor decided rejected confirmed precision }
} }"""
PREVIEW = """query ($vendorId: ID, $settings: FraudSettingsInput!) {
  previewFraudSettings(vendorId: $vendorId, settings: $settings) {
    attempts approved held blocked formerHeld formerBlocked
} }"""
FIELDS = "settings { version fraudMode holdFrom fraudRules { factor limit points } }"
QUICK = {"factor": "QUICK", "limit": 60.0, "points": 15}


def change(till: Till | None, base: int = 0, **settings: Any) -> dict[str, Any]:
    given = {"settings": {"fraudMode": "ACT"} | settings, "baseVersion": base}
    return given | ({"vendorId": gid(till.vendor)} if till else {})


async def test_versions_are_added_and_the_newest_applies(world: World, api: Client) -> None:
    till = await Till.open(world)
    owner = api.signed_in(await manager_of(world, till.vendor, MemberRole.OWNER))
    own = {"vendorId": gid(till.vendor)}
    before = (await owner.ask(SETTINGS, **own))["fraudSettings"]
    assert (before["baseVersion"], before["versions"]) == (0, [])
    assert (before["current"]["version"], before["current"]["fraudMode"]) == (0, "SHADOW")
    assert len(before["current"]["fraudRules"]) == len(DEFAULT_RULES)
    added = await owner.do(
        "updateFraudSettings", change(till, holdFrom=20, fraudRules=[QUICK]), FIELDS
    )
    assert added["settings"] == {
        "version": 1,
        "fraudMode": "ACT",
        "holdFrom": 20,
        "fraudRules": [QUICK],
    }
    assert await owner.refusal_codes("updateFraudSettings", change(till, 1)) == []
    after = (await owner.ask(SETTINGS, **own))["fraudSettings"]
    assert [one["version"] for one in after["versions"]] == [2, 1]
    assert (after["baseVersion"], after["current"]["version"]) == (2, 2)


async def test_rotating_codes_are_a_setting(world: World, api: Client) -> None:
    till = await Till.open(world)
    owner = api.signed_in(await manager_of(world, till.vendor, MemberRole.OWNER))
    for base, rotation in enumerate(("REQUIRE", "PREFER", "OFF")):
        given = change(till, base, rotation=rotation)
        added = await owner.do("updateFraudSettings", given, "settings { rotation }")
        assert added["settings"] == {"rotation": rotation}
    added = await owner.do("updateFraudSettings", change(till, 3), "settings { rotation }")
    assert added["settings"] == {"rotation": "OFF"}


@pytest.mark.parametrize("base", [0, 2, -1])
async def test_another_base_version_is_refused(world: World, api: Client, base: int) -> None:
    till = await Till.open(world)
    await score_with(world, till.vendor, 40)
    owner = api.signed_in(await manager_of(world, till.vendor, MemberRole.OWNER))
    codes = await owner.refusal_codes("updateFraudSettings", change(till, base))
    assert codes == ["SETTINGS_CHANGED"]


@pytest.mark.parametrize(
    "given",
    [
        {"holdFrom": 0},
        {"holdFrom": 60, "blockAbove": 59},
        {"blockAbove": 101},
        {"holdMinutes": 0},
        {"holdMinutes": 1_441},
        {"approveBelow": 102},
        {"reviewHours": 169},
        {"fraudRules": [QUICK, QUICK]},
        {"fraudRules": [QUICK | {"points": 101}]},
        {"fraudRules": [QUICK | {"limit": -1.0}]},
        {"fraudRules": [QUICK | {"limit": float(place)} for place in range(61)]},
        {"windows": [{"factor": "USER_RATE", "seconds": 59}]},
        {"windows": [{"factor": "QUICK", "seconds": 60}]},
    ],
)
async def test_bad_settings_are_refused(world: World, api: Client, given: dict[str, Any]) -> None:
    admin = api.signed_in(await world.admin())
    codes = await admin.refusal_codes("updateFraudSettings", change(None, **given))
    assert set(codes) == {"INVALID_INPUT"}
    assert (await admin.ask(SETTINGS))["fraudSettings"]["versions"] == []


async def test_owners_change_their_own_settings_and_admins_all(world: World, api: Client) -> None:
    till, other = await Till.open(world), await Till.open(world)
    owner = await manager_of(world, till.vendor, MemberRole.OWNER)
    manager = await manager_of(world, till.vendor)
    for user in (manager, till.scanner, till.customer):
        codes = await api.signed_in(user).refusal_codes("updateFraudSettings", change(till))
        assert codes == ["NOT_FOUND"]
    client = api.signed_in(owner)
    assert await client.refusal_codes("updateFraudSettings", change(other)) == ["NOT_FOUND"]
    assert await client.mutation_failed("updateFraudSettings", change(None)) == ["FORBIDDEN"]
    assert await client.failed(SETTINGS) == ["FORBIDDEN"]
    assert await api.mutation_failed("updateFraudSettings", change(till)) == ["UNAUTHENTICATED"]
    admin = api.signed_in(await world.admin())
    for given in (change(till), change(None)):
        assert await admin.refusal_codes("updateFraudSettings", given) == []


async def test_null_as_the_vendor_is_the_platform(world: World, api: Client) -> None:
    till, given = await Till.open(world), change(None) | {"vendorId": None}
    owner = api.signed_in(await manager_of(world, till.vendor, MemberRole.OWNER))
    assert await owner.mutation_failed("updateFraudSettings", given) == ["FORBIDDEN"]
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("updateFraudSettings", given) == []
    assert (await admin.ask(SETTINGS))["fraudSettings"]["baseVersion"] == 1
    own = (await owner.ask(SETTINGS, vendorId=gid(till.vendor)))["fraudSettings"]
    assert own["versions"] == []


async def test_precision_is_of_decided_cases(world: World, api: Client) -> None:
    till = await Till.open(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    for given in (("REJECTED", "QUICK"), ("REJECTED",), ("APPROVED", "QUICK"), ()):
        case = await stored_case(till)
        if given:
            await manager.refusal_codes("decideFraudCase", decision(case, *given))
    await stored_case(await Till.open(world))
    found = (await manager.ask(SETTINGS, vendorId=gid(till.vendor)))["fraudSettings"]
    (quick,) = found["precision"]
    assert quick == {
        "factor": "QUICK",
        "decided": 3,
        "rejected": 2,
        "confirmed": 1,
        "precision": pytest.approx(1 / 3),
    }


async def test_a_preview_scores_what_was_measured_and_stores_nothing(
    world: World, api: Client
) -> None:
    till = await Till.open(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    for _ in range(3):
        await stored_case(till)  # after 30 s, which advised to block
    await stored_case(await Till.open(world))

    async def preview(*rules: dict[str, Any]) -> dict[str, int]:
        settings = {"fraudMode": "ACT", "fraudRules": list(rules)}
        own = {"vendorId": gid(till.vendor), "settings": settings}
        return dict((await manager.ask(PREVIEW, **own))["previewFraudSettings"])

    same = {"attempts": 3, "formerHeld": 0, "formerBlocked": 3}
    assert await preview() == same | {"approved": 3, "held": 0, "blocked": 0}
    held = await preview(QUICK | {"points": 30})
    assert held == same | {"approved": 0, "held": 3, "blocked": 0}
    late = await preview(QUICK | {"limit": 29.0, "points": 99})
    assert late == same | {"approved": 3, "held": 0, "blocked": 0}
    stranger = api.signed_in(till.scanner)
    given = {"vendorId": gid(till.vendor), "settings": {"fraudMode": "ACT"}}
    assert await stranger.failed(PREVIEW, **given) == ["NOT_FOUND"]


async def test_others_are_answered_during_a_preview(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other tasks of the event loop continue between any two slices of a preview."""
    till = await Till.open(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    for _ in range(7):
        await stored_case(till)
    monkeypatch.setattr(previews, "SLICE_SIZE", 2)
    scored: list[int] = []
    passed = 0

    def score(*given: Any) -> Score:
        scored.append(passed)
        return score_of(*given)

    async def pass_by() -> None:
        nonlocal passed
        while True:
            await asyncio.sleep(0)
            passed += 1

    monkeypatch.setattr(previews, "score", score)
    other = asyncio.create_task(pass_by())
    given = {"vendorId": gid(till.vendor), "settings": {"fraudMode": "ACT", "fraudRules": []}}
    found = await manager.ask(PREVIEW, **given)
    other.cancel()
    assert found["previewFraudSettings"]["attempts"] == 7
    assert len(scored) == 7
    assert len(set(scored)) == 4
