"""Giving a voucher back."""

from typing import Any

import pytest

from core.clock import now
from models.redemptions import Voucher, VoucherState
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World


def cancel(voucher: Voucher) -> dict[str, str]:
    return {"voucherId": gid(voucher)}


def claim(till: Till, key: str) -> dict[str, str]:
    return {"offerId": gid(till.offer), "idempotencyKey": key}


async def test_cancel_voucher_gives_capacity_back(world: World, api: Client) -> None:
    till = await Till.open(world, capacity=1, claimed=1)
    voucher, other = await till.voucher(), api.signed_in(await world.user())
    assert await other.refusal_codes("claimOffer", claim(till, "k1")) == ["OFFER_SOLD_OUT"]
    payload = await api.signed_in(till.customer).do(
        "cancelVoucher", cancel(voucher), "voucher { id state cancelledAt redeemedAt }"
    )
    assert payload["errors"] == []
    assert payload["voucher"]["id"] == gid(voucher)
    assert payload["voucher"]["state"] == "CANCELLED"
    assert payload["voucher"]["cancelledAt"] is not None
    assert (await world.fresh(till.offer)).claimed == 0
    assert await other.refusal_codes("claimOffer", claim(till, "k2")) == []


async def test_cancel_voucher_frees_its_turn(world: World, api: Client) -> None:
    till = await Till.open(world, per_user_limit=2)
    client = api.signed_in(till.customer)
    first = await client.do("claimOffer", claim(till, "k1"), "voucher { id }")
    await client.do("claimOffer", claim(till, "k2"))
    assert await client.refusal_codes("claimOffer", claim(till, "k3")) == ["CLAIM_LIMIT_REACHED"]
    assert await client.refusal_codes("cancelVoucher", {"voucherId": first["voucher"]["id"]}) == []
    assert await client.refusal_codes("claimOffer", claim(till, "k4")) == []
    assert await client.refusal_codes("claimOffer", claim(till, "k5")) == ["CLAIM_LIMIT_REACHED"]
    assert (await world.fresh(till.offer)).claimed == 2


async def test_cancel_voucher_twice(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=1)
    voucher, client = await till.voucher(), api.signed_in(till.customer)
    codes = [await client.refusal_codes("cancelVoucher", cancel(voucher)) for _ in range(2)]
    assert codes == [[], ["VOUCHER_NOT_CANCELLABLE"]]
    assert (await world.fresh(till.offer)).claimed == 0


@pytest.mark.parametrize(
    "values",
    [
        {"state": VoucherState.REDEEMED, "redeemed_at": now()},
        {"state": VoucherState.EXPIRED},
        {"state": VoucherState.CANCELLED, "cancelled_at": now()},
    ],
)
async def test_cancel_voucher_in_a_final_state(
    world: World, api: Client, values: dict[str, Any]
) -> None:
    till = await Till.open(world, claimed=1)
    voucher, client = await till.voucher(**values), api.signed_in(till.customer)
    assert await client.refusal_codes("cancelVoucher", cancel(voucher)) == [
        "VOUCHER_NOT_CANCELLABLE"
    ]
    assert (await world.fresh(till.offer)).claimed == 1
    assert (await world.fresh(voucher)).state == voucher.state


async def test_cancel_voucher_of_another_user(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=1)
    voucher, owner = await till.voucher(), await world.user()
    await world.member(till.vendor, owner, MemberRole.OWNER)
    for user in (owner, till.scanner, await world.user(), await world.admin()):
        refused = await api.signed_in(user).refusal_codes("cancelVoucher", cancel(voucher))
        assert refused == ["NOT_FOUND"]
    assert await api.mutation_failed("cancelVoucher", cancel(voucher)) == ["UNAUTHENTICATED"]
    assert (await world.fresh(voucher)).state == VoucherState.CLAIMED


async def test_cancel_voucher_with_an_id_of_another_type(world: World, api: Client) -> None:
    till = await Till.open(world)
    client = api.signed_in(till.customer)
    given = {"voucherId": gid(till.offer)}
    assert await client.mutation_failed("cancelVoucher", given) == ["BAD_USER_INPUT"]


async def test_cancel_voucher_is_in_both_journals(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=1)
    await api.signed_in(till.customer).do("cancelVoucher", cancel(await till.voucher()))
    assert await world.journal() == [
        (f"user:{till.customer.id}", 1, "voucher.cancelled"),
        (f"vendor:{till.vendor.id}", 1, "voucher.cancelled"),
    ]
