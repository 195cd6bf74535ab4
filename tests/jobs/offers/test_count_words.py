"""The vocabulary of listed offers follows their texts within a minute."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from models.offers.offers import Offer, OfferState
from models.offers.vocabulary import Term, TermChange
from services.offers import listings, vocabulary
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.resolvers.browsing import offer_ids


async def terms(world: World) -> dict[str, int]:
    await world.count_words()
    async with world.database.session() as session:
        return dict((await session.exec(select(Term.word, Term.documents))).all())


async def test_words_are_counted_as_offers_come_change_and_go(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "MAX_CHANGES", 2)
    vendor = await world.vendor(name="Shop", city="Pune")
    offers = [await world.offer(vendor, title={"en": f"Cakes {one}"}) for one in ("a", "b", "c")]
    assert (await terms(world))["cakes"] == 3
    assert (await terms(world))["=cake"] == 3
    changes: list[dict[str, Any]] = [
        {"title": {"en": "Tea"}},
        {"state": OfferState.PAUSED},
        {"ends_at": now() + timedelta(days=3)},
    ]
    for offer, values in zip(offers, changes, strict=True):
        async with transactions.begin() as session:
            (await session.get_one(Offer, offer.id)).sqlmodel_update(values)
    found = await terms(world)
    assert (found["cakes"], found["tea"], found["shop"]) == (1, 1, 2)
    await world.delete(offers[2])
    assert "cakes" not in await terms(world)
    await check_invariants(world.database)


async def test_the_job_reads_the_texts_of_offers_that_an_earlier_release_listed(
    world: World, api: Client, defer: Defer, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "WORDLESS_BATCH_SIZE", 2)
    vendor = await world.vendor()
    offers = [await world.offer(vendor, title={"en": "Tea"}) for _ in range(5)]
    async with world.database.session() as session, session.begin():
        await session.execute(text("UPDATE listing SET words = NULL"))
    assert await offer_ids(api, search="tea") == []
    await defer("count_words_of_offers", timestamp=0)
    await work()
    assert await offer_ids(api, search="tea") == [gid(one) for one in offers[::-1]]
    assert (await terms(world))["tea"] == 5
    async with world.database.session() as session:
        assert (await session.exec(select(TermChange))).all() == []


async def test_a_change_that_is_rolled_back_is_not_counted(
    world: World, transactions: Transactions
) -> None:
    await world.offer(await world.vendor(name="Shop"), title={"en": "Tea"})
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin() as session:
            assert not await vocabulary.count_terms(session)
            raise ZeroDivisionError
    assert (await terms(world))["tea"] == 1


async def test_the_texts_of_a_renamed_vendor_are_counted(
    world: World, transactions: Transactions, api: Client
) -> None:
    vendor = await world.vendor(name="Shop")
    offer = await world.offer(vendor)
    async with transactions.begin() as session:
        (await session.get_one(type(vendor), vendor.id)).name = "Bakery"
    found = await terms(world)
    assert "shop" not in found
    assert found["bakery"] == 1
    assert await offer_ids(api, search="bakery") == [gid(offer)]
