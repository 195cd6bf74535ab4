"""Redemptions that managers take back: once, within 30 days, with the voucher usable again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.audit import AuditAct, AuditEntry
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import Redemption, Voucher, VoucherState
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World

REVERSED = """
    redemption { id outcome reversedAt reverseReason redeemedAt voucher { id state redeemedAt } }
"""


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world)


async def redeemed(till: Till, api: Client) -> tuple[Voucher, str]:
    voucher = await till.claim(api)
    answer = await till.redeem(api, token=voucher.token)
    assert answer["outcome"] == "APPROVED"
    return voucher, answer["redemption"]["id"]


def undo(redemption_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "redemptionId": redemption_id,
        "reason": "Scanned the wrong customer",
        "idempotencyKey": str(new_id()),
    } | changes


async def test_a_reversed_voucher_can_be_redeemed_again(till: Till, api: Client) -> None:
    client = api.signed_in(await till.manager())
    voucher, redemption_id = await redeemed(till, api)
    input = undo(redemption_id)
    answer = (await client.do("reverseRedemption", input, REVERSED))["redemption"]
    assert answer["outcome"] == "APPROVED"
    assert answer["reverseReason"] == "Scanned the wrong customer"
    assert answer["voucher"] == {"id": gid(voucher), "state": "CLAIMED", "redeemedAt": None}
    assert (await client.do("reverseRedemption", input, REVERSED))["redemption"] == answer
    assert (await till.world.fresh(till.offer)).claimed == 1
    again = await till.redeem(api, token=voucher.token)
    assert again["outcome"] == "APPROVED"
    second = undo(again["redemption"]["id"])
    await client.do("reverseRedemption", second, REVERSED)
    async with till.world.database.session() as session:
        kinds = (await session.exec(select(Notification.kind))).all()
    assert kinds.count(NotificationKind.VOUCHER_REDEEMED) == 2
    assert kinds.count(NotificationKind.REDEMPTION_REVERSED) == 2


async def test_a_voucher_whose_time_is_over_gives_its_place_back(till: Till, api: Client) -> None:
    client = api.signed_in(await till.manager())
    voucher, redemption_id = await redeemed(till, api)
    await till.world.change(voucher, expires_at=now() - timedelta(minutes=1))
    answer = await client.do("reverseRedemption", undo(redemption_id), REVERSED)
    assert answer["redemption"]["voucher"]["state"] == "CANCELLED"
    assert (await till.world.fresh(till.offer)).claimed == 0
    await till.claim(api)  # the claim of the user is free again


async def test_a_redemption_is_reversed_once(till: Till, api: Client) -> None:
    client = api.signed_in(await till.manager())
    voucher, redemption_id = await redeemed(till, api)
    await client.do("reverseRedemption", undo(redemption_id), REVERSED)
    codes = await client.refusal_codes("reverseRedemption", undo(redemption_id))
    assert codes == ["NOT_REVERSIBLE"]
    assert (await till.world.fresh(voucher)).state is VoucherState.CLAIMED


@pytest.mark.parametrize(("days", "codes"), [(29, []), (31, ["NOT_REVERSIBLE"])])
async def test_a_redemption_is_reversed_within_30_days(
    till: Till, api: Client, days: int, codes: list[str]
) -> None:
    client = api.signed_in(await till.manager())
    voucher, redemption_id = await redeemed(till, api)
    moment = now() - timedelta(days=days)
    (attempt,) = await till.attempts()
    await till.world.change(attempt, created_at=moment)
    await till.world.change(voucher, redeemed_at=moment)
    assert await client.refusal_codes("reverseRedemption", undo(redemption_id)) == codes


async def test_an_attempt_that_redeemed_nothing_is_not_reversed(till: Till, api: Client) -> None:
    client = api.signed_in(await till.manager())
    voucher, _ = await redeemed(till, api)
    refused = await till.redeem(api, token=voucher.token)
    input = undo(refused["redemption"]["id"])
    assert await client.refusal_codes("reverseRedemption", input) == ["NOT_REVERSIBLE"]


async def test_reverse_redemption_as_others(till: Till, api: Client) -> None:
    _, redemption_id = await redeemed(till, api)
    assert await api.mutation_failed("reverseRedemption", undo(redemption_id)) == [
        "UNAUTHENTICATED"
    ]
    rival = await Till.open(till.world)
    rival_manager = api.signed_in(await rival.manager())
    others = [till.customer, till.scanner, await till.staff(), await till.world.user()]
    for client in [*(api.signed_in(user) for user in others), rival_manager]:
        assert await client.refusal_codes("reverseRedemption", undo(redemption_id)) == ["NOT_FOUND"]


async def test_reverse_redemption_refuses_a_reason_of_nothing(till: Till, api: Client) -> None:
    client = api.signed_in(await till.manager())
    _, redemption_id = await redeemed(till, api)
    for reason in ("", "  ", "no", "x" * 301):
        input = undo(redemption_id, reason=reason)
        assert await client.refusal_codes("reverseRedemption", input) == ["INVALID_INPUT"]
    attempts: list[Redemption] = await till.attempts()
    assert [one.reversed_at for one in attempts] == [None]


async def test_a_reversal_is_audited(till: Till, api: Client) -> None:
    client = api.signed_in(await till.manager())
    _, redemption_id = await redeemed(till, api)
    await client.do("reverseRedemption", undo(redemption_id), REVERSED)
    (attempt,) = await till.attempts()
    rows = select(AuditEntry.subject_id).where(AuditEntry.act == AuditAct.REVERSE_REDEMPTION)
    async with till.world.database.session() as session:
        assert (await session.exec(rows)).all() == [attempt.id]
