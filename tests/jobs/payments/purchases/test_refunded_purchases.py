"""Refunds of purchases by card: what a vendor has bought never becomes a member's own money."""

from sqlmodel import select

from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.payments.refunds import RefundPartState
from models.vendors import MemberRole
from services.notifications.kinds import declared_kinds
from tests.client import gid
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.jobs.payments.purchases.bought import AMOUNT, Bought

PARTS = "refund { state parts { partState paymentProvider } }"


async def composed(shop: PayingShop, kind: NotificationKind) -> str:
    """Return the text of the only notification of a kind."""
    rows = select(Notification).where(Notification.kind == kind)
    async with shop.world.database.session() as session:
        notification = (await session.exec(rows)).one()
        user = await session.get_one(User, notification.user_id)
        text = await declared_kinds()[kind].compose(session, notification, user)
    return text.push_body


INTO_WALLET = {
    "state": "SETTLED",
    "parts": [
        {"partState": "FAILED", "paymentProvider": "STRIPE"},
        {"partState": "SETTLED", "paymentProvider": "WALLET"},
    ],
}


async def test_a_pack_goes_back_to_the_card_that_paid_for_it(shop: PayingShop) -> None:
    one = await Bought.pack(shop)
    part = await one.give_back()
    assert (part.part_state, part.provider) == (RefundPartState.SETTLED, "STRIPE")
    assert (await one.wallet(), await one.owner_wallet()) == ((0, 0), 0)
    told = await composed(shop, NotificationKind.REFUND_SETTLED)
    assert told.endswith("INR was sent. Banks can take some days.")
    await check_invariants(shop.world.database)


async def test_a_pack_that_cannot_go_back_is_for_the_wallet_of_the_vendor(
    shop: PayingShop,
) -> None:
    """The payer agrees, and the vendor gets it: the payer may not work there any more."""
    one = await Bought.pack(shop)
    part = await one.give_back(fails=True)
    assert part.part_state is RefundPartState.FAILED
    accepting = {"refundPartId": gid(part), "idempotencyKey": "one"}
    vendor = await one.vendor()
    manager, stranger = await shop.world.user(), await shop.world.user()
    await shop.world.member(vendor, manager, MemberRole.MANAGER)
    assert await shop.api.mutation_failed("acceptRefundToWallet", accepting) == ["UNAUTHENTICATED"]
    for other in (manager, stranger):
        client = shop.api.signed_in(other)
        assert await client.refusal_codes("acceptRefundToWallet", accepting) == ["NOT_FOUND"]
    payer = shop.api.signed_in(one.user)
    for _ in range(2):
        done = await payer.do("acceptRefundToWallet", accepting, PARTS)
        assert done == {"errors": [], "refund": INTO_WALLET}
    assert await one.wallet() == (0, 0)
    assert await one.owner_wallet() == part.amount
    await check_invariants(shop.world.database)


async def test_a_top_up_that_cannot_go_back_is_in_the_wallet_again(shop: PayingShop) -> None:
    one = await Bought.top_up(shop)
    part = await one.give_back(fails=True)
    assert await one.wallet() == (0, 0)
    accepting = {"refundPartId": gid(part), "idempotencyKey": "one"}
    payer = shop.api.signed_in(one.user)
    assert await payer.refusal_codes("acceptRefundToWallet", accepting) == []
    assert await one.wallet() == (AMOUNT, 0)
    await check_invariants(shop.world.database)


async def test_an_admin_settles_no_refund_of_a_vendor_that_they_work_for(shop: PayingShop) -> None:
    one = await Bought.pack(shop)
    part = await one.give_back(fails=True)
    admin = await shop.world.admin()
    vendor = await one.vendor()
    await shop.world.member(vendor, admin, MemberRole.STAFF)
    given = {"refundPartId": gid(part), "reference": "UTR 1", "idempotencyKey": "one"}
    own = shop.api.signed_in(admin)
    assert await own.refusal_codes("settleStuckRefund", given) == ["OWN_PURCHASE"]
    other = await one.refunder()
    assert await other.refusal_codes("settleStuckRefund", given) == []
    assert (await one.wallet(), await one.owner_wallet()) == ((0, 0), 0)
    await check_invariants(shop.world.database)
