"""Disputes of purchases: the wallet holds what it has of a top-up, so it is not had twice."""

from sqlmodel import select

from core.ids import new_id
from models.ledger.accounts import AccountKind
from models.packs.grants import PackGrant
from models.payments.payments import Payment, PaymentProvider
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.packs import buying
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.jobs.payments.purchases.bought import AMOUNT, BY_CARD, Bought


async def test_a_disputed_top_up_is_held_and_lost_with_the_dispute(shop: PayingShop) -> None:
    one = await Bought.top_up(shop)
    assert await one.wallet() == (AMOUNT, 0)
    await one.dispute()
    assert await one.wallet() == (0, AMOUNT)
    codes = await (await one.refunder()).refusal_codes("refundPurchase", one.refund())
    assert codes == ["NOTHING_TO_REFUND"]
    await check_invariants(shop.world.database)
    await one.end("lose_dispute")
    assert await one.wallet() == (0, 0)
    assert await one.balance(AccountKind.LOSSES) == 0
    assert await one.balance(AccountKind.DISPUTED) == 0
    await check_invariants(shop.world.database)


async def test_a_top_up_is_free_again_when_the_dispute_is_won(shop: PayingShop) -> None:
    one = await Bought.top_up(shop)
    await one.dispute(amount=200_00)
    assert await one.wallet() == (300_00, 200_00)
    await one.end("win_dispute")
    assert await one.wallet() == (AMOUNT, 0)
    assert await one.balance(AccountKind.DISPUTED) == 0
    await check_invariants(shop.world.database)


async def test_a_disputed_pack_is_not_refunded_besides(shop: PayingShop) -> None:
    one = await Bought.pack(shop)
    await one.dispute()
    admin = await one.refunder()
    assert await admin.refusal_codes("refundPurchase", one.refund()) == ["PAYMENT_DISPUTED"]
    await one.end("win_dispute")
    assert await admin.refusal_codes("refundPurchase", one.refund()) == []
    await check_invariants(shop.world.database)


async def test_a_pack_ends_with_a_dispute_that_is_lost(shop: PayingShop) -> None:
    one = await Bought.pack(shop)
    rows = select(PackGrant).where(PackGrant.purchase_id == one.purchase.id)
    await one.dispute()
    await one.end("lose_dispute")
    async with shop.world.database.session() as session:
        assert (await session.exec(rows)).one().ended_at is not None
    await check_invariants(shop.world.database)


async def test_a_top_up_and_a_pack_are_given_back_when_a_lost_dispute_is_won(
    shop: PayingShop,
) -> None:
    top_up, pack = await Bought.top_up(shop), await Bought.pack(shop)
    for one in (top_up, pack):
        await one.dispute()
        await one.end("lose_dispute")
        await check_invariants(shop.world.database)
        await one.end("reinstate_dispute")
    assert await top_up.wallet() == (AMOUNT, 0)
    for kind in (AccountKind.LOSSES, AccountKind.DISPUTED):
        assert await top_up.balance(kind) == 0
    rows = select(PackGrant).where(PackGrant.purchase_id == pack.purchase.id)
    async with shop.world.database.session() as session:
        assert (await session.exec(rows)).one().ended_at is None
    await check_invariants(shop.world.database)


async def test_who_pays_for_a_purchase_of_another_member_keeps_the_card(shop: PayingShop) -> None:
    manager = await shop.world.user(email=f"{new_id()}@haat.example")
    owner = await shop.world.user(email=f"{new_id()}@haat.example")
    vendor, pack = await shop.world.vendor(owner), await shop.world.pack()
    await shop.world.member(vendor, manager, MemberRole.MANAGER)
    given = buying(vendor, pack, provider="MANUAL")
    assert await shop.api.signed_in(manager).refusal_codes("buyPack", given) == []
    (purchase,) = await shop.world.purchases(vendor)
    paying = {
        "purchaseId": gid(purchase),
        "idempotencyKey": "pay",
        "savePaymentMethod": True,
        **BY_CARD,
    }
    payer = shop.api.signed_in(owner)
    assert await payer.refusal_codes("payPurchase", paying) == []
    rows = select(Payment).where(
        Payment.purchase_id == purchase.id, Payment.provider == PaymentProvider.STRIPE
    )
    async with shop.world.database.session() as session:
        payment = (await session.exec(rows)).one()
    shop.pay(payment)
    await shop.webhooks()
    listed = "{ paymentMethods { nodes { last4 } } }"
    assert (await payer.ask(listed))["paymentMethods"]["nodes"] == [{"last4": "4242"}]
    seen = await shop.api.signed_in(manager).ask(listed)
    assert seen["paymentMethods"]["nodes"] == []
    assert (await shop.world.fresh(purchase)).user_id == owner.id
