"""Debts that vendors pay by a transfer, and what is refused. By card: tests/jobs/payments."""

import asyncio
from collections import Counter as Tally
from typing import Any

import pytest

from core.ids import new_id
from models.vendors import MemberRole
from tests.client import gid, unknown
from tests.factories.base import NUMBERS
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.payouts.conftest import Counter

PURCHASE = """purchase { id purchaseKind purchaseState total { amountMinor } buyingVendor { id }
  boughtPack { id } payments { paymentProvider paymentStatus } }"""


def paying(counter: Counter, **values: Any) -> dict[str, Any]:
    return {
        **counter.id,
        "provider": "MANUAL",
        "idempotencyKey": f"debt-{next(NUMBERS)}",
    } | values


def arrived(purchase_id: str, amount: int) -> dict[str, Any]:
    return {
        "purchaseId": purchase_id,
        "amountMinor": amount,
        "currency": "INR",
        "reference": f"UTR {new_id()}",
        "idempotencyKey": str(new_id()),
    }


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_a_vendor_pays_what_it_owes_by_a_transfer(
    world: World, indian: Counter, role: MemberRole
) -> None:
    await world.earned(indian.vendor, -100_00)
    member = await new_member(world, indian.vendor, role)
    client, admin = indian.api.signed_in(member), await indian.admin()
    given = paying(indian)
    payload = await client.do("payDebt", given, PURCHASE)
    assert await client.do("payDebt", given, PURCHASE) == payload
    one = payload["purchase"]
    assert one | {"id": ""} == {
        "id": "",
        "purchaseKind": "DEBT",
        "purchaseState": "PENDING",
        "total": {"amountMinor": 100_00},
        "buyingVendor": {"id": gid(indian.vendor)},
        "boughtPack": None,
        "payments": [{"paymentProvider": "MANUAL", "paymentStatus": "OPEN"}],
    }
    waits = await client.refusal_codes("payDebt", paying(indian, amountMinor=1))
    assert waits == ["DEBT_PAYMENT_OPEN"]
    record = arrived(one["id"], 100_00)
    for _ in range(2):
        done = await admin.do("recordPurchasePayment", record, PURCHASE)
        assert done["purchase"]["purchaseState"] == "PAID"
    assert await world.available(indian.vendor) == 0
    refund = {"purchaseId": one["id"], "idempotencyKey": "back"}
    assert await admin.refusal_codes("refundPurchase", refund) == ["NOTHING_TO_REFUND"]
    told = "{ viewer { notifications { nodes { kind } } } }"
    (notice,) = (await client.ask(told))["viewer"]["notifications"]["nodes"]
    assert notice == {"kind": "PURCHASE_PAID"}
    await check_invariants(world.database)


async def test_a_part_is_paid_and_a_cancelled_payment_gives_way(
    world: World, indian: Counter
) -> None:
    await world.earned(indian.vendor, -100_00)
    made = await indian.client.do("payDebt", paying(indian, amountMinor=40_00), PURCHASE)
    cancelled = {"purchaseId": made["purchase"]["id"]}
    assert await indian.client.refusal_codes("cancelPurchase", cancelled) == []
    made = await indian.client.do("payDebt", paying(indian, amountMinor=40_00), PURCHASE)
    admin = await indian.admin()
    record = arrived(made["purchase"]["id"], 40_00)
    assert await admin.refusal_codes("recordPurchasePayment", record) == []
    assert await world.available(indian.vendor) == -60_00


@pytest.mark.parametrize(
    ("available", "values", "code"),
    [
        (0, {}, "DEBT_TOO_SMALL"),
        (50_00, {}, "DEBT_TOO_SMALL"),
        (-50_00, {"amountMinor": 50_01}, "DEBT_TOO_SMALL"),
        (-50_00, {"amountMinor": 0}, "INVALID_INPUT"),
        (-50_00, {"amountMinor": -1}, "INVALID_INPUT"),
        (-50_00, {"provider": "WALLET"}, "PROVIDER_NOT_AVAILABLE"),
        (-50_00, {"provider": "PAYSTACK"}, "PROVIDER_NOT_AVAILABLE"),
        (-50_00, {"returnUrl": "https://elsewhere.example"}, "INVALID_INPUT"),
        (-50_00, {"vendorId": unknown("Vendor")}, "NOT_FOUND"),
    ],
)
async def test_pay_debt_refuses(
    world: World, indian: Counter, available: int, values: dict[str, Any], code: str
) -> None:
    if available:
        await world.earned(indian.vendor, available)
    assert await indian.client.refusal_codes("payDebt", paying(indian, **values)) == [code]


async def test_debts_as_others(world: World, indian: Counter) -> None:
    await world.earned(indian.vendor, -100_00)
    others = [
        await new_member(world, indian.vendor, MemberRole.STAFF),
        await world.user(),
        await world.admin(),
    ]
    for user in others:
        client = indian.api.signed_in(user)
        assert await client.refusal_codes("payDebt", paying(indian)) == ["NOT_FOUND"]
    assert await indian.api.mutation_failed("payDebt", paying(indian)) == ["UNAUTHENTICATED"]


async def test_many_payments_of_a_debt_at_once_are_one(world: World, indian: Counter) -> None:
    await world.earned(indian.vendor, -100_00)
    answers = await asyncio.gather(
        *(indian.client.refusal_codes("payDebt", paying(indian)) for _ in range(8))
    )
    assert Tally(tuple(one) for one in answers) == {(): 1, ("DEBT_PAYMENT_OPEN",): 7}
