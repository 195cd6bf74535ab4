"""Jobs are deferred in the caller's transaction."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.ids import new_id
from models.offers.offers import OfferState
from models.vendors import MemberRole
from services import jobs
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.world import World

DEFERRED = text("SELECT task_name, args, scheduled_at, status FROM procrastinate_jobs ORDER BY id")


async def deferred(database: Database) -> list[tuple[object, ...]]:
    async with database.session() as session:
        return [tuple(row) for row in await session.execute(DEFERRED)]


async def test_a_job_is_there_after_the_commit(
    world: World, database: Database, transactions: Transactions
) -> None:
    id, later = new_id(), now() + timedelta(hours=1)
    async with transactions.begin() as session:
        await jobs.defer(session, "expire_offer", offer_id=id)
        await jobs.defer(session, "expire_offer", at=later, offer_id=id)
        assert await deferred(database) == []
    args = {"offer_id": str(id)}
    assert await deferred(database) == [
        ("haat:expire_offer", args, None, "todo"),
        ("haat:expire_offer", args, later, "todo"),
    ]


async def test_a_job_is_not_there_after_a_rollback(
    world: World, database: Database, transactions: Transactions
) -> None:
    with pytest.raises(ValueError, match="never mind"):
        async with transactions.begin() as session:
            await jobs.defer(session, "expire_offer", offer_id=new_id())
            raise ValueError("never mind")
    assert await deferred(database) == []


async def test_a_published_offer_has_a_job_at_its_end(
    world: World, api: Client, database: Database
) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner=owner), state=OfferState.DRAFT)
    client = api.signed_in(owner)
    assert await client.refusal_codes("publishOffer", {"offerId": gid(offer)}) == []
    moved = offer.ends_at + timedelta(days=1)
    given = {"offerId": gid(offer), "endsAt": moved.isoformat()}
    assert await client.refusal_codes("updateOffer", given) == []
    args = {"offer_id": str(offer.id)}
    assert await deferred(database) == [
        ("haat:notify_followers", args, None, "todo"),
        ("haat:match_saved_searches", args, None, "todo"),
        ("haat:expire_offer", args, offer.ends_at, "todo"),
        ("haat:expire_offer", args, moved, "todo"),
        ("haat:match_saved_searches", args, None, "todo"),
    ]


async def test_a_refused_mutation_defers_nothing(
    world: World, api: Client, database: Database
) -> None:
    member = await world.user()
    offer = await world.offer(vendor := await world.vendor(), state=OfferState.ARCHIVED)
    await world.member(vendor, member, MemberRole.MANAGER)
    refused = await api.signed_in(member).refusal_codes("publishOffer", {"offerId": gid(offer)})
    assert refused == ["OFFER_STATE"]
    assert await deferred(database) == []


async def test_no_trigger_notifies_for_that_would_serialize_every_commit(
    database: Database,
) -> None:
    notifying = """
        SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND prosrc ILIKE '%pg_notify%'
    """
    async with database.session() as session:
        assert (await session.execute(text(notifying))).scalars().all() == []
