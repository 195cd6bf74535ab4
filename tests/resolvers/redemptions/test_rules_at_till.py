"""Rules at the till: a refusal names the rule, what it needs and what was given."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.fraud.links import IdentityLink, LinkKind
from models.redemptions import VoucherState
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.offers.ruled import inr, set_rules
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_reverse_redemption import undo

ANSWER = """
    outcome reason failedRule { rule needed given }
    redemption {
        id outcome reason amountTaken { amountMinor } failedRule { rule needed given }
        bill { reference amount { amountMinor } discount { amountMinor } }
    }
    voucher { state used balanceLeft { amountMinor } }
"""


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world)


async def present(till: Till, api: Client, token: str, **given: Any) -> dict[str, Any]:
    client = api.signed_in(till.scanner)
    answer = await client.do("redeemVoucher", till.scan(token=token, **given), ANSWER)
    assert answer["errors"] == []
    return answer


def bill(amount: int, reference: str = "B-1") -> dict[str, Any]:
    return {"reference": reference, "amount": inr(amount)}


def failed(rule: str, needed: str, given: str | None) -> dict[str, Any]:
    return {"rule": rule, "needed": needed, "given": given}


async def test_minimum_spend_needs_the_bill(till: Till, api: Client, world: World) -> None:
    """Failure 12 of the design: the total with tax counts, and the refusal names both amounts."""
    await set_rules(api, till, minimumSpend=inr(50_000))
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token)
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "RULE_FAILED")
    assert answer["failedRule"] == failed("MINIMUM_SPEND", "500.00", None)
    assert answer["redemption"]["failedRule"] == answer["failedRule"]
    answer = await present(till, api, voucher.token, bill=bill(49_999))
    assert answer["failedRule"] == failed("MINIMUM_SPEND", "500.00", "499.99")
    answer = await present(till, api, voucher.token, bill=bill(60_000))
    assert (answer["outcome"], answer["failedRule"]) == ("APPROVED", None)
    assert answer["redemption"]["bill"] == {
        "reference": "B-1",
        "amount": {"amountMinor": 60_000},
        "discount": {"amountMinor": 6_000},
    }
    assert answer["redemption"]["amountTaken"] == {"amountMinor": 6_000}
    stored = await till.attempts()
    assert [one.failed_rule for one in stored] == ["MINIMUM_SPEND", "MINIMUM_SPEND", None]
    await check_invariants(world.database)


async def test_a_first_visit_is_refused_after_another_voucher(
    till: Till, api: Client, world: World
) -> None:
    await set_rules(api, till, firstVisit=True)
    voucher = await till.claim(api)
    other = await world.voucher(await world.offer(till.vendor, claimed=1), till.customer)
    assert (await present(till, api, other.token))["outcome"] == "APPROVED"
    answer = await present(till, api, voucher.token)
    assert answer["failedRule"] == failed("FIRST_VISIT", "0", "1")
    await check_invariants(world.database)


async def test_a_refused_attempt_uses_up_no_limit(till: Till, api: Client, world: World) -> None:
    """Failure 6 of the design: a failed attempt leaves uses, visit, household and bill."""
    await world.save(IdentityLink(kind=LinkKind.PHONE, hash=bytes(32), user_id=till.customer.id))
    await set_rules(api, till, firstVisit=True, household=True, minimumSpend=inr(10_000))
    voucher = await till.claim(api)
    for amount in (1, 9_999):
        answer = await present(till, api, voucher.token, bill=bill(amount))
        assert answer["reason"] == "RULE_FAILED"
        assert answer["voucher"] == {"state": "CLAIMED", "used": 0, "balanceLeft": None}
        await check_invariants(world.database)
    answer = await present(till, api, voucher.token, bill=bill(10_000))
    assert answer["outcome"] == "APPROVED"
    await check_invariants(world.database)


async def household(world: World, till: Till) -> Any:
    """Return another user with the same phone number as the till's customer."""
    other, shared = await world.user(), bytes(range(32))
    for user in (till.customer, other):
        await world.save(IdentityLink(kind=LinkKind.PHONE, hash=shared, user_id=user.id))
    return other


async def test_a_household_uses_an_offer_once(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, household=True)
    second = await household(world, till)
    vouchers = [await till.claim(api), await till.claim(api, second)]
    assert (await present(till, api, vouchers[0].token))["outcome"] == "APPROVED"
    answer = await present(till, api, vouchers[1].token)
    assert answer["failedRule"] == failed("HOUSEHOLD", "1", "1")
    third = await world.user()
    await world.save(IdentityLink(kind=LinkKind.PHONE, hash=bytes(32), user_id=third.id))
    allowed = await till.claim(api, third)
    assert (await present(till, api, allowed.token))["outcome"] == "APPROVED"
    await check_invariants(world.database)


async def test_a_reversal_gives_visit_and_household_back(
    till: Till, api: Client, world: World
) -> None:
    """Failure 8 of the design."""
    await set_rules(api, till, household=True, firstVisit=True)
    second = await household(world, till)
    mine, theirs = await till.claim(api), await till.claim(api, second)
    answer = await present(till, api, mine.token)
    manager = api.signed_in(await till.manager())
    await manager.do("reverseRedemption", undo(answer["redemption"]["id"]), "redemption { id }")
    await check_invariants(world.database)
    assert (await present(till, api, theirs.token))["outcome"] == "APPROVED"
    answer = await present(till, api, mine.token)
    assert answer["failedRule"] == failed("HOUSEHOLD", "1", "1")
    await check_invariants(world.database)


async def test_hours_are_those_of_the_vendor(till: Till, api: Client, world: World) -> None:
    day = (now() - timedelta(days=2)).date().isoformat()
    await set_rules(api, till, daysHours={"fromDay": "2020-01-01"})
    voucher = await till.claim(api)
    assert (await present(till, api, voucher.token))["outcome"] == "APPROVED"
    other = await Till.open(world)
    token = (await other.claim(api)).token
    await set_rules(api, other, daysHours={"fromDay": "2020-01-01", "untilDay": day})
    assert (await present(other, api, token))["outcome"] == "APPROVED"  # claimed before
    late = await Till.open(world)
    await set_rules(
        api, late, daysHours={"untilDay": (now() + timedelta(days=9)).date().isoformat()}
    )
    token = (await late.claim(api)).token
    assert (await present(late, api, token))["outcome"] == "APPROVED"


async def test_a_branch_is_known_by_its_scanners(till: Till, api: Client) -> None:
    here, there = await Gadget.register(till, api), await Gadget.register(till, api)
    await set_rules(api, till, branches=[{"name": "Fort", "scannerIds": [here.id]}])
    voucher = await till.claim(api)
    answer = await present(till, api, voucher.token)
    assert answer["failedRule"] == failed("BRANCH", "Fort", None)
    answer = await present(till, api, voucher.token, scannerKey=there.key)
    assert answer["failedRule"] == failed("BRANCH", "Fort", None)
    answer = await present(till, api, voucher.token, scannerKey=here.key)
    assert answer["outcome"] == "APPROVED"


async def test_a_voucher_is_used_as_often_as_its_terms_allow(
    till: Till, api: Client, world: World
) -> None:
    await set_rules(api, till, maximumUses=2)
    voucher = await till.claim(api)
    first = await present(till, api, voucher.token)
    assert first["voucher"] == {"state": "CLAIMED", "used": 1, "balanceLeft": None}
    await check_invariants(world.database)
    owner = api.signed_in(till.customer)
    assert await owner.refusal_codes("cancelVoucher", {"voucherId": gid(voucher)}) == [
        "VOUCHER_NOT_CANCELLABLE"
    ]
    gift = {"voucherId": gid(voucher), "idempotencyKey": "gift"}
    assert await owner.refusal_codes("giftVoucher", gift) == ["VOUCHER_NOT_USABLE"]
    assert (await present(till, api, voucher.token))["voucher"]["state"] == "REDEEMED"
    assert (await present(till, api, voucher.token))["reason"] == "ALREADY_REDEEMED"
    manager = api.signed_in(await till.manager())
    await manager.do("reverseRedemption", undo(first["redemption"]["id"]), "redemption { id }")
    stored = await world.fresh(voucher)
    assert (stored.state, stored.used, stored.uses) == (VoucherState.CLAIMED, 1, 2)
    await check_invariants(world.database)
    assert (await present(till, api, voucher.token))["outcome"] == "APPROVED"
    await check_invariants(world.database)


async def test_a_rule_is_judged_for_members_alone(till: Till, api: Client, world: World) -> None:
    await set_rules(api, till, minimumSpend=inr(50_000))
    voucher = await till.claim(api)
    stranger = await world.user()
    await world.member(await world.vendor(), stranger, MemberRole.OWNER)
    scan = till.scan(token=voucher.token, bill=bill(60_000))
    for user in (till.customer, stranger):
        codes = await api.signed_in(user).refusal_codes("redeemVoucher", scan)
        assert codes == ["NOT_FOUND"]
