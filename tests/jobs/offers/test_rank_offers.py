"""Ranks of offers follow claims and likes within a minute."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from models.offers.listings import ListedOffer, OfferRank
from models.offers.offers import Offer
from models.redemptions import Voucher
from services.offers import ranks
from services.transaction import Transactions, by_ids, in_batches
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.browsing import offer_ids


async def rank(transactions: Transactions) -> None:
    await in_batches(transactions.begin, ranks.rank_changed)


async def test_offers_by_likes_and_claims_once_they_are_ranked(
    world: World, api: Client, transactions: Transactions
) -> None:
    vendor, users = await world.vendor(), [await world.user() for _ in range(3)]
    none, liked, claimed = [await world.offer(vendor) for _ in range(3)]
    clients = [api.signed_in(user) for user in users]
    for number, client in enumerate(clients):
        assert await client.refusal_codes("likeOffer", {"offerId": gid(liked)}) == []
        given = {"offerId": gid(claimed), "idempotencyKey": str(number)}
        assert await client.refusal_codes("claimOffer", given) == []
    await rank(transactions)
    by_likes, by_claims = [gid(one) for one in (liked, claimed, none)], [gid(claimed), gid(liked)]
    assert await offer_ids(api, orderBy="MOST_LIKED") == by_likes
    assert (await offer_ids(api, orderBy="MOST_CLAIMED"))[:2] == by_claims
    await clients[0].refusal_codes("unlikeOffer", {"offerId": gid(liked)})
    await rank(transactions)
    async with world.database.session() as session:
        assert (await session.get_one(OfferRank, liked.id)).likes == 2
    async with world.database.session() as session:
        mine = select(Voucher).where(Voucher.user_id == users[1].id)
        voucher = (await session.exec(mine)).one()
    assert await clients[1].refusal_codes("cancelVoucher", {"voucherId": gid(voucher)}) == []
    await rank(transactions)
    async with world.database.session() as session:
        assert (await session.get_one(OfferRank, claimed.id)).claims == 2


@pytest.mark.parametrize("order", ["MOST_LIKED", "MOST_CLAIMED"])
async def test_popular_offers_of_some_states_are_refused(api: Client, order: str) -> None:
    query = (
        "query ($where: OfferWhere, $orderBy: OfferOrder)"
        " { offers(where: $where, orderBy: $orderBy) { nodes { id } } }"
    )
    where = {"states": ["PUBLISHED"]}
    assert await api.failed(query, orderBy=order, where=where) == ["BAD_USER_INPUT"]


async def test_offers_that_have_ended_are_unlisted(
    world: World, transactions: Transactions
) -> None:
    offer = await world.offer(await world.vendor())
    async with world.database.session() as session, session.begin():
        past = now() - timedelta(seconds=1)
        (await session.get_one(Offer, offer.id)).ends_at = past
        (await session.get_one(ListedOffer, offer.id)).ends_at = past
    await rank(transactions)
    async with world.database.session() as session:
        assert (await session.exec(select(ListedOffer))).all() == []


async def test_all_offers_are_ranked_in_batches(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "BATCH_SIZE", 2)
    vendor = await world.vendor()
    offers = [await world.offer(vendor) for _ in range(5)]
    for offer in offers:
        await world.like(offer, await world.user())
    await by_ids(transactions.begin, ranks.rank_next)
    async with world.database.session() as session:
        rows = (await session.exec(select(OfferRank))).all()
    assert {row.offer_id for row in rows} == {offer.id for offer in offers}
    assert {row.likes for row in rows} == {1}
