"""Expired rows are deleted in batches; other rows are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from core.ids import new_id
from core.settings import Settings
from models.audit import AuditAct
from models.identity.accounts import RefreshToken, UserSession
from models.identity.revocations import Revocation, RevocationKind
from models.notifications.deliveries import Delivery
from models.notifications.inbox import Channel
from services import cleanup
from services.audit.entries import build_entry
from services.journal.cleanup import CLEANUP
from services.viewer import ANONYMOUS
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work

PLANT = """
    INSERT INTO topic VALUES ('a', 2510);
    INSERT INTO journal_entry (topic, seq, kind, facts, created_at)
    SELECT 'a', n, 'test', '{}', now() - CASE WHEN n > 2500 THEN interval '6 days'
        ELSE interval '8 days' END FROM generate_series(1, 2510) AS n;
    INSERT INTO idempotency_key (user_id, operation, key, input_hash, result, created_at)
    SELECT gen_random_uuid(), 'claimOffer', n::text, '', '{}',
        now() - make_interval(days => n) FROM generate_series(1, 10) AS n;
    INSERT INTO user_session (id, created_at, user_id) VALUES ('SESSION', now(), 'USER');
    INSERT INTO refresh_token (id, created_at, session_id, token_hash, expires_at)
    SELECT gen_random_uuid(), now(), 'SESSION', n::text::bytea,
        now() - make_interval(days => n) FROM generate_series(1, 10) AS n
"""
SHADOWS = (
    """
    CREATE TEMPORARY TABLE audit_entry AS
    SELECT id, now() - interval '3 years' AS created_at, true AS old FROM audit_entry
    """,
    """
    CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql
    AS $$ SELECT timestamptz '2099-01-01' $$
    """,
    "SET LOCAL search_path = pg_temp, public, pg_catalog",
)
LEFT = "SELECT args->>'offer_id' FROM procrastinate_jobs WHERE task_name = 'haat:expire_offer'"
GIVE_UP = (
    "UPDATE procrastinate_jobs SET status = 'doing'",
    "UPDATE procrastinate_jobs SET status = 'failed'",
    """
    UPDATE procrastinate_events SET at = now() - CAST(args->>'offer_id' || ' days' AS interval)
    FROM procrastinate_jobs AS job WHERE job.id = job_id
    """,
)
KEPT = text(
    """
    SELECT (SELECT array_agg(seq ORDER BY seq) FROM journal_entry),
        (SELECT array_agg(key::int ORDER BY key::int) FROM idempotency_key),
        (SELECT array_agg(convert_from(token_hash, 'UTF8')::int ORDER BY expires_at DESC)
            FROM refresh_token),
        (SELECT seq FROM topic)
    """
)


async def test_clean_up_deletes_expired_rows(
    world: World, database: Database, settings: Settings, defer: Defer, work: Work
) -> None:
    assert settings.journal_days == 7
    user = await world.user()
    planted = PLANT.replace("USER", str(user.id)).replace("SESSION", str(new_id()))
    async with database.session() as session, session.begin():
        for statement in planted.split(";"):
            await session.execute(text(statement.replace("::", r"\:\:")))
    await defer("clean_up", timestamp=0)
    await work()
    async with database.session() as session:
        entries, keys, tokens, head = (await session.execute(KEPT)).one()
    assert entries == list(range(2501, 2511))
    assert keys == tokens == list(range(1, 7))
    assert head == 2510
    await check_invariants(database)


async def test_clean_up_deletes_old_notifications(
    world: World, database: Database, defer: Defer, work: Work
) -> None:
    user, other = await world.user(), await world.user()
    old = {"created_at": now() - timedelta(days=91)}
    recent = {"created_at": now() - timedelta(days=89)}
    gone = [await world.notification(user, **old), await world.notification(other, **old)]
    gone += [await world.notification(user, read_at=now(), **old)]
    kept = await world.notification(user, **recent)
    for notification in (*gone, kept):
        await world.save(Delivery(notification_id=notification.id, channel=Channel.MAIL))
    await defer("clean_up", timestamp=0)
    await work()
    assert [await world.fresh(notification) for notification in gone] == [None] * 3
    assert await world.fresh(kept)
    async with database.session() as session:
        left = await session.execute(text("SELECT notification_id FROM delivery"))
        unread = await session.execute(text("SELECT user_id, unread FROM notification_inbox"))
        assert list(left.scalars()) == [kept.id]
        assert dict(unread.all()) == {user.id: 1, other.id: 0}
    await check_invariants(database)


async def test_clean_up_continues_when_a_task_fails(
    world: World, database: Database, defer: Defer, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the job is one that failed."""

    async def broken(session: AsyncSession, journal_days: int) -> bool:
        return bool(await session.scalar(text("SELECT 1 / 0")))

    found = [broken, *cleanup.find_tasks()]
    monkeypatch.setattr(cleanup, "find_tasks", lambda: found)
    lost = await world.device(await world.user(), seen_at=now() - timedelta(days=61))
    await defer("clean_up", timestamp=0)
    await work()
    assert await world.fresh(lost) is None
    async with database.session() as session:
        assert await session.scalar(
            text("SELECT bool_or(status = 'failed') FROM procrastinate_jobs")
        )


async def test_clean_up_deletes_inactive_devices(world: World, defer: Defer, work: Work) -> None:
    user = await world.user()
    lost = await world.device(user, seen_at=now() - timedelta(days=61))
    kept = await world.device(user, seen_at=now() - timedelta(days=59))
    await defer("clean_up", timestamp=0)
    await work()
    assert await world.fresh(lost) is None
    assert await world.fresh(kept)


async def test_clean_up_deletes_old_expired_api_tokens(
    world: World, database: Database, defer: Defer, work: Work
) -> None:
    user, made = await world.user(), now() - timedelta(days=30)
    week, yesterday = now() - timedelta(days=7, minutes=1), now() - timedelta(days=1)
    await world.api_token(user, created_at=made, revoked_at=week)
    await world.api_token(user, created_at=made, expires_at=week, revoked_at=yesterday)
    kept = [
        await world.api_token(user, created_at=made, **ended)
        for ended in ({}, {"revoked_at": yesterday}, {"expires_at": yesterday})
    ]
    long_ago = now() - timedelta(days=200)
    for used in (None, now() - timedelta(days=98)):
        await world.api_token(user, created_at=long_ago, last_used_at=used)
    used = now() - timedelta(days=96)
    kept.append(await world.api_token(user, created_at=long_ago, last_used_at=used))
    await defer("clean_up", timestamp=0)
    await work()
    async with database.session() as session:
        left = await session.scalars(text("SELECT id FROM api_token"))
    assert set(left) == {token.id for token, _ in kept}


async def test_clean_up_deletes_sessions_that_ended_long_ago(
    world: World, database: Database, defer: Defer, work: Work
) -> None:
    """90 days after their end, with what belongs to them."""
    user = await world.user()
    long_ago, lately = now() - timedelta(days=91), now() - timedelta(days=89)
    ended = [
        UserSession(user_id=user.id, ended_at=long_ago),
        UserSession(user_id=user.id, idle_until=long_ago),
        UserSession(user_id=user.id, idle_until=long_ago, ends_at=long_ago),
    ]
    kept = [UserSession(user_id=user.id, ended_at=lately), UserSession(user_id=user.id)]
    kept.append(UserSession(user_id=user.id, idle_until=lately))
    await world.save(*ended, *kept)
    late = now() + timedelta(days=1)
    await world.save(
        *(
            RefreshToken(session_id=one.id, token_hash=one.id.bytes, expires_at=late)
            for one in (*ended, *kept)
        )
    )
    device = await world.device(user)
    device.session_id = ended[1].id
    await world.save(device)
    await defer("clean_up", timestamp=0)
    await work()
    assert [await world.fresh(one) for one in (*ended, device)] == [None] * 4
    assert all([await world.fresh(one) for one in kept])
    async with database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM refresh_token")) == len(kept)


async def test_clean_up_deletes_expired_revocations(world: World, defer: Defer, work: Work) -> None:
    old, new = (
        Revocation(kind=RevocationKind.SESSION, subject_id=new_id(), expires_at=at)
        for at in (now() - timedelta(seconds=1), now() + timedelta(minutes=1))
    )
    await world.save(old, new)
    await defer("clean_up", timestamp=0)
    await work()
    assert await world.fresh(old) is None
    assert await world.fresh(new)


async def test_clean_up_deletes_old_failed_jobs(
    world: World, database: Database, defer: Defer, work: Work
) -> None:
    for days in (91, 89):
        await defer("expire_offer", offer_id=days)
    async with database.session() as session, session.begin():
        for statement in GIVE_UP:
            await session.execute(text(statement))
    await defer("clean_up", timestamp=0)
    await work()
    async with database.session() as session:
        left = await session.scalars(text(LEFT))
        assert left.all() == ["89"]


async def test_clean_up_deletes_old_audit_entries(
    world: World, database: Database, defer: Defer, work: Work
) -> None:
    """After 730 days. A caller of the function cannot put another table or clock in its place."""
    entries = []
    for age in (timedelta(days=731), timedelta(days=729), timedelta()):
        entries.append(build_entry(ANONYMOUS, AuditAct.LOG_OUT))
        entries[-1].created_at = now() - age
    await world.save(*entries)
    await defer("clean_up", timestamp=0)
    await work()
    assert [bool(await world.fresh(entry)) for entry in entries] == [False, True, True]
    async with database.session() as session:
        for statement in SHADOWS:
            await session.execute(text(statement))
        found = await session.execute(text("SELECT delete_old_audit_entries(100)"))
        assert found.all() == []
        assert await session.scalar(text("SELECT count(*) FROM audit_entry WHERE old")) == 2


async def test_clean_up_works_in_batches(world: World, database: Database) -> None:
    async with database.session() as session, session.begin():
        for statement in PLANT.split(";")[:2]:
            await session.execute(text(statement))
    (delete_entries,), more = CLEANUP, []
    for _ in range(3):
        async with database.session() as session, session.begin():
            more.append(await delete_entries(session, 7))
    assert more == [True, True, False]
