"""Accounts that paid with one card are related, by a hash of what the provider calls it."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select, update

from models.fraud.links import IdentityLink, LinkKind
from models.identity.accounts import User
from models.payments.payments import Payment
from services.fraud.links import RelatedAccount, find_related
from services.payments.cards import note_card
from tests.factories.paying import PayingShop
from tests.jobs.payments.test_paystack import Naira

MASTERCARD = "pm_card_mastercard"


async def links(shop: PayingShop, *user_ids: UUID) -> Sequence[IdentityLink]:
    rows = select(IdentityLink).where(
        col(IdentityLink.user_id).in_(user_ids), IdentityLink.kind == LinkKind.CARD
    )
    async with shop.world.database.session() as session:
        return (await session.exec(rows)).all()


async def related(shop: PayingShop, user_id: UUID) -> list[RelatedAccount]:
    async with shop.world.database.session() as session:
        return (await find_related(session, [user_id]))[user_id]


async def paid(shop: PayingShop, card: str) -> tuple[UUID, Payment]:
    buyer, payment = await shop.placed()
    shop.pay(payment, card)
    await shop.webhooks()
    return buyer.user.id, payment


async def test_accounts_that_paid_with_one_card_are_related(shop: PayingShop) -> None:
    first, payment = await paid(shop, MASTERCARD)
    second, _ = await paid(shop, MASTERCARD)
    other, _ = await paid(shop, "pm_card_amex")
    assert await related(shop, first) == [RelatedAccount(second, 1, [LinkKind.CARD])]
    assert await related(shop, other) == []
    await note_card(shop.worker.call_sender, payment.id)
    found = await links(shop, first, second, other)
    assert len(found) == 3, "a payment that is noted again is one link"
    assert not any(b"stand_in" in one.hash for one in found)


async def test_a_declined_card_is_no_link(shop: PayingShop) -> None:
    user_id, _ = await paid(shop, "pm_card_chargeDeclined")
    assert await links(shop, user_id) == []


async def test_cards_of_paystack_are_links_too(shop: PayingShop) -> None:
    buyers = [await Naira.open(shop, name) for name in ("one", "two")]
    for one in buyers:
        placed = await one.place()
        one.enter(placed["payment"]["redirectUrl"])
        await shop.webhooks()
    first, second = (one.buyer.user.id for one in buyers)
    assert await related(shop, first) == [RelatedAccount(second, 1, [LinkKind.CARD])]


async def test_an_erased_payer_gets_no_link(shop: PayingShop) -> None:
    buyer, payment = await shop.placed()
    shop.pay(payment, MASTERCARD)
    await shop.look(payment)
    assert await links(shop, buyer.user.id) == [], "the job has not run"
    erased = update(User).where(col(User.id) == buyer.user.id).values(is_erased=True)
    async with shop.world.database.session() as session, session.begin():
        await session.exec(erased)
    await note_card(shop.worker.call_sender, payment.id)
    assert await links(shop, buyer.user.id) == []
