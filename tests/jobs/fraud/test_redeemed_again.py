"""A held redemption that was approved, reversed, and made again: a notice for each."""

from models.notifications.inbox import NotificationKind
from tests.client import Client, gid
from tests.factories.fraud import attempt_of, decision, manager_of, present, voucher_of
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.fraud.test_holds import notices


async def test_the_holder_gets_a_notice_for_each_redemption(
    world: World, api: Client, work: Work
) -> None:
    till = await Till.open(world)
    manager = api.signed_in(await manager_of(world, till.vendor))
    case = await present(till, api)
    assert await manager.refusal_codes("decideFraudCase", decision(case)) == []
    await work()
    assert len(await notices(world, NotificationKind.VOUCHER_REDEEMED)) == 1
    reversal = {
        "redemptionId": gid(await attempt_of(world, case)),
        "reason": "Scanned for the wrong customer",
        "idempotencyKey": "back",
    }
    assert await manager.refusal_codes("reverseRedemption", reversal) == []
    voucher = await voucher_of(world, case)
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "APPROVED"
    await work()
    sent = await notices(world, NotificationKind.VOUCHER_REDEEMED)
    assert {(one.user_id, one.subject_id) for one in sent} == {(till.customer.id, voucher.id)}
    assert sorted(one.up_to_sequence for one in sent) == [0, 1]
