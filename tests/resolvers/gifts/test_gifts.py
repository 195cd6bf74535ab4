"""Gifts of vouchers: offered, accepted, declined, withdrawn and lapsed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.gifts import MAX_GIFTS, GiftState, VoucherGift
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.redemptions import Voucher
from tests.client import Client, gid
from tests.factories.fraud import HELD, score_with
from tests.factories.redemptions import Till
from tests.factories.world import World

GIFT = "gift { id giftState code expiresAt offer { id } voucher { id } }"
VOUCHER = "voucher { id state code token generation wasGiven }"


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world)


def giving(voucher: Voucher, to: User | None = None, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"voucherId": gid(voucher), "idempotencyKey": str(new_id())}
    return given | ({"toUserId": gid(to)} if to else {}) | changes


def accepting(**gift: Any) -> dict[str, Any]:
    return {"gift": gift, "idempotencyKey": str(new_id())}


async def give(till: Till, api: Client, voucher: Voucher, to: User | None = None) -> Any:
    answer = await api.signed_in(till.customer).do("giftVoucher", giving(voucher, to), GIFT)
    assert answer["errors"] == []
    return answer["gift"]


async def notified(world: World, user: User) -> list[NotificationKind]:
    rows = select(Notification.kind).where(Notification.user_id == user.id)
    async with world.database.session() as session:
        return [NotificationKind(kind) for kind in await session.exec(rows)]


async def test_a_gift_to_a_user_is_accepted(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    assert gift["giftState"] == "OFFERED"
    assert gift["offer"] == {"id": gid(till.offer)}
    assert await notified(till.world, friend) == [NotificationKind.VOUCHER_GIFT_RECEIVED]
    input = accepting(giftId=gift["id"])
    client = api.signed_in(friend)
    new = (await client.do("acceptGift", input, VOUCHER))["voucher"]
    assert (new["state"], new["generation"], new["wasGiven"]) == ("CLAIMED", 2, True)
    assert (await client.do("acceptGift", input, VOUCHER))["voucher"] == new
    assert (await till.redeem(api, token=voucher.token))["reason"] == "OLD_GENERATION"
    assert (await till.redeem(api, token=new["token"]))["reason"] == "APPROVED"
    assert NotificationKind.VOUCHER_GIFT_ENDED in await notified(till.world, till.customer)
    assert (await till.world.fresh(till.offer)).claimed == 1


async def test_a_gift_without_a_receiver_is_accepted_by_its_code(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    gift = await give(till, api, voucher)
    client = api.signed_in(await till.world.user())
    typed = gift["code"].lower().replace("-", " ")
    assert await client.refusal_codes("acceptGift", accepting(code="AAAA-AAAA-AAAA-AAAA")) == [
        "NOT_FOUND"
    ]
    assert (await client.do("acceptGift", accepting(code=typed), VOUCHER))["errors"] == []
    kept = await till.world.first(VoucherGift)
    assert (kept.state, kept.code) == (GiftState.ACCEPTED, None)


async def test_the_code_of_a_gift_to_a_user_is_of_no_use_to_others(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    thief = api.signed_in(await till.world.user())
    for input in (accepting(code=gift["code"]), accepting(giftId=gift["id"])):
        assert await thief.refusal_codes("acceptGift", input) == ["NOT_FOUND"]
        del input["idempotencyKey"]
        assert await thief.refusal_codes("declineGift", input) == ["NOT_FOUND"]
    client = api.signed_in(friend)
    assert await client.refusal_codes("acceptGift", accepting(code=gift["code"])) == []


async def test_giving_does_not_renew_the_limit_of_the_giver(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    await api.signed_in(friend).do("acceptGift", accepting(giftId=gift["id"]))
    claim = {"offerId": gid(till.offer), "idempotencyKey": "k"}
    for user in (till.customer, friend):
        codes = await api.signed_in(user).refusal_codes("claimOffer", claim)
        assert codes == ["CLAIM_LIMIT_REACHED"]


async def test_a_receiver_with_as_many_as_allowed_cannot_accept(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    await till.claim(api, friend)
    gift = await give(till, api, voucher, friend)
    client = api.signed_in(friend)
    codes = await client.refusal_codes("acceptGift", accepting(giftId=gift["id"]))
    assert codes == ["CLAIM_LIMIT_REACHED"]
    assert (await till.world.fresh(voucher)).user_id == till.customer.id


async def test_a_voucher_is_given_once(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    client = api.signed_in(friend)
    await client.do("acceptGift", accepting(giftId=gift["id"]))
    assert await client.refusal_codes("giftVoucher", giving(voucher)) == ["VOUCHER_GIVEN_BEFORE"]
    owner = api.signed_in(till.customer)
    assert await owner.refusal_codes("giftVoucher", giving(voucher)) == ["NOT_FOUND"]


async def test_a_voucher_has_one_open_gift(till: Till, api: Client) -> None:
    voucher, client = await till.claim(api), api.signed_in(till.customer)
    gift = await give(till, api, voucher)
    assert await client.refusal_codes("giftVoucher", giving(voucher)) == ["GIFT_STATE"]
    for _ in range(1, MAX_GIFTS):
        assert await client.refusal_codes("withdrawGift", {"giftId": gift["id"]}) == []
        assert await client.refusal_codes("withdrawGift", {"giftId": gift["id"]}) == []
        gift = await give(till, api, voucher)
    await client.do("withdrawGift", {"giftId": gift["id"]})
    assert await client.refusal_codes("giftVoucher", giving(voucher)) == ["VOUCHER_GIVEN_BEFORE"]


async def test_the_giver_can_redeem_until_the_gift_is_accepted(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    assert (await till.redeem(api, token=voucher.token))["reason"] == "APPROVED"
    client = api.signed_in(friend)
    assert await client.refusal_codes("acceptGift", accepting(giftId=gift["id"])) == ["GIFT_STATE"]


@pytest.mark.parametrize("end", ["declineGift", "withdrawGift"])
async def test_a_gift_that_has_ended_is_not_accepted(till: Till, api: Client, end: str) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    receiver, giver = api.signed_in(friend), api.signed_in(till.customer)
    if end == "declineGift":
        input: dict[str, Any] = {"gift": {"giftId": gift["id"]}}
        assert await receiver.refusal_codes(end, input) == []
        assert await receiver.refusal_codes(end, input) == []
    else:
        assert await giver.refusal_codes(end, {"giftId": gift["id"]}) == []
    codes = await receiver.refusal_codes("acceptGift", accepting(giftId=gift["id"]))
    assert codes == ["GIFT_STATE"]
    assert (await till.redeem(api, token=voucher.token))["reason"] == "APPROVED"


async def test_a_voucher_that_is_being_checked_does_not_change_hands(
    till: Till, api: Client
) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    await score_with(till.world, till.vendor, HELD)
    assert (await till.redeem(api, token=voucher.token))["outcome"] == "HELD"
    codes = await api.signed_in(friend).refusal_codes("acceptGift", accepting(giftId=gift["id"]))
    assert codes == ["GIFT_STATE"]
    assert (await till.world.fresh(voucher)).user_id == till.customer.id


async def test_a_gift_whose_time_is_over_is_not_accepted(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    await till.world.change(await till.world.first(VoucherGift), expires_at=now())
    client = api.signed_in(friend)
    assert await client.refusal_codes("acceptGift", accepting(giftId=gift["id"])) == ["GIFT_STATE"]


async def test_a_gift_ends_with_its_voucher(till: Till, api: Client) -> None:
    voucher = await till.claim(api)
    await give(till, api, voucher)
    assert (await till.world.first(VoucherGift)).expires_at == voucher.expires_at
    till = await Till.open(till.world, ends_at=now() + timedelta(days=30))
    await till.world.delete(await till.world.first(VoucherGift))
    await give(till, api, await till.claim(api))
    kept = await till.world.first(VoucherGift)
    assert timedelta(days=6) < kept.expires_at - now() < timedelta(days=8)


async def test_giver_and_others_cannot_answer_a_gift(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    input = accepting(giftId=gift["id"])
    for name, given in {
        "giftVoucher": giving(voucher),
        "acceptGift": input,
        "declineGift": {"gift": {"giftId": gift["id"]}},
        "withdrawGift": {"giftId": gift["id"]},
    }.items():
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    stranger = api.signed_in(await till.world.user())
    assert await stranger.refusal_codes("giftVoucher", giving(voucher)) == ["NOT_FOUND"]
    assert await stranger.refusal_codes("withdrawGift", {"giftId": gift["id"]}) == ["NOT_FOUND"]
    receiver = api.signed_in(friend)
    assert await receiver.refusal_codes("withdrawGift", {"giftId": gift["id"]}) == ["NOT_FOUND"]
    giver = api.signed_in(till.customer)
    assert await giver.refusal_codes("acceptGift", input) == ["NOT_FOUND"]
    codes = await giver.refusal_codes("acceptGift", accepting(code=gift["code"]))
    assert codes == ["NOT_FOUND"]
    await giver.do("withdrawGift", {"giftId": gift["id"]})
    own = giving(voucher, till.customer)
    assert await giver.refusal_codes("giftVoucher", own) == ["INVALID_INPUT"]


async def test_voucher_gifts_lists_those_of_the_viewer(till: Till, api: Client) -> None:
    friend, voucher = await till.world.user(), await till.claim(api)
    gift = await give(till, api, voucher, friend)
    query = "{ voucherGifts { nodes { id code voucher { id } } totalCount } }"
    shown = {"id": gift["id"], "code": gift["code"], "voucher": {"id": gid(voucher)}}
    for user, nodes in (
        (till.customer, [shown]),
        (friend, [{"id": gift["id"], "code": None, "voucher": None}]),
        (await till.world.user(), []),
    ):
        found = await api.signed_in(user).ask(query)
        assert found["voucherGifts"] == {"nodes": nodes, "totalCount": len(nodes)}
