"""A process's list of revocations: nothing is missed, and an outdated list is not trusted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.errors import NotSignedIn
from core.outages import DatabaseUnavailable
from core.redis.pubsub import PubSub
from core.settings import Settings
from models.identity.accounts import Role, User, UserSession
from models.identity.revocations import Revocation, RevocationKind
from services.identity.accounts import change_role
from services.identity.sessions import revocation_list
from services.identity.sessions.revocation_list import (
    MAX_AGE_SECONDS,
    MAX_GAP_SECONDS,
    RevocationList,
    Revoked,
)
from services.identity.sessions.revocations import revoke
from services.transaction import Transactions
from services.viewer import ANONYMOUS, Viewer
from tests.factories.world import World

SESSION, USER = RevocationKind.SESSION, RevocationKind.USER


class Clock:
    """The monotonic clock of the list."""

    def __init__(self) -> None:
        self.passed = 10_000.0

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(revocation_list, "time", clock)
    return clock


@pytest.fixture
async def own(settings: Settings) -> AsyncIterator[Database]:
    own = Database(settings.sqlalchemy_url, pool=1)
    yield own
    await own.close()


@pytest.fixture
def revocations(clock: Clock, database: Database, own: Database) -> RevocationList:
    """Return a list that reads only when a test has it read."""
    return RevocationList(database, own, PubSub("redis://nowhere"))


def viewer_of(session: UserSession) -> Viewer:
    return Viewer(session.user_id, session.id)


async def is_refused(revocations: RevocationList, viewer: Viewer) -> bool:
    try:
        await revocations.ensure_valid(viewer)
    except NotSignedIn:
        return True
    return False


async def revoked_session(world: World) -> UserSession:
    session = await world.session(await world.user())
    await world.save(Revocation(kind=SESSION, subject_id=session.id))
    return session


async def test_revoked_sessions_are_refused_from_the_next_read_on(
    world: World, revocations: RevocationList
) -> None:
    before, other = await revoked_session(world), await world.session(await world.user())
    await revocations.read()
    assert await is_refused(revocations, viewer_of(before))
    after = await revoked_session(world)
    assert not await is_refused(revocations, viewer_of(after))
    await revocations.read()
    for session, refused in ((before, True), (after, True), (other, False)):
        assert await is_refused(revocations, viewer_of(session)) is refused
    assert not await is_refused(revocations, ANONYMOUS)


async def test_a_transaction_that_commits_late_is_not_missed(
    world: World, revocations: RevocationList, database: Database
) -> None:
    """Others begin later, commit earlier, and are read before it commits."""
    late = await world.session(await world.user())
    async with database.session() as session, session.begin():
        session.add(Revocation(kind=SESSION, subject_id=late.id))
        await session.flush()
        for _ in range(3):
            early = await revoked_session(world)
            await revocations.read()
            assert await is_refused(revocations, viewer_of(early))
        assert not await is_refused(revocations, viewer_of(late))
    await revocations.read()
    assert await is_refused(revocations, viewer_of(late))


async def test_a_late_commit_is_missed_without_the_horizon(
    world: World, revocations: RevocationList, database: Database
) -> None:
    """The control: a process that reads only transactions younger than its last read."""
    late = await world.session(await world.user())
    async with database.session() as session, session.begin():
        session.add(Revocation(kind=SESSION, subject_id=late.id))
        await session.flush()
        await revocations.read()
        async with database.session() as other:
            revocations._since = await other.scalar(text("SELECT pg_current_xact_id()::text"))
    await revocations.read()
    assert not await is_refused(revocations, viewer_of(late))


async def test_a_list_read_too_long_ago_asks_the_database(
    world: World, revocations: RevocationList, clock: Clock
) -> None:
    await revocations.read()
    user = await world.user()
    open_, ended = await world.session(user), await world.session(user)
    ended.ended_at = now()
    await world.save(ended)
    unknown = Viewer(user.id, UserSession(user_id=user.id).id)
    token, _ = await world.api_token(user, revoked_at=now())
    revoked = Viewer(user.id, token.id, scopes=frozenset(token.scopes))
    clock.passed += MAX_AGE_SECONDS - 0.1
    assert not await is_refused(revocations, viewer_of(ended))
    clock.passed += 0.2
    for viewer, refused in (
        (viewer_of(open_), False),
        (viewer_of(ended), True),
        (unknown, True),
        (revoked, True),
        (ANONYMOUS, False),
    ):
        assert await is_refused(revocations, viewer) is refused
    await revocations.read()
    assert not await is_refused(revocations, viewer_of(ended))


async def test_a_database_that_does_not_answer_is_no_proof(
    world: World, clock: Clock, settings: Settings
) -> None:
    """A list that was never read, of a server that is not there."""
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    revocations = RevocationList(nowhere, nowhere, PubSub("redis://nowhere"))
    viewer = viewer_of(await world.session(await world.user()))
    with pytest.raises(DatabaseUnavailable):
        await revocations.ensure_valid(viewer)
    with pytest.raises(DatabaseUnavailable):
        await revocations.is_admin(viewer.require_user())


async def test_a_process_refuses_what_it_has_revoked_from_the_commit_on(
    world: World, revocations: RevocationList
) -> None:
    noticed: list[Revoked] = []
    revocations.listen(noticed.append, lambda: None)
    await revocations.read()
    session, admin = await world.session(await world.user()), await world.admin()
    assert await revocations.is_admin(admin.id)
    transactions = Transactions(
        world.database, PubSub("redis://nowhere"), note_revocation=revocations.note_own
    )
    with suppress(LookupError):
        async with transactions.begin() as unit:
            revoke(unit, SESSION, session.id)
            raise LookupError  # it is rolled back
    assert not await is_refused(revocations, viewer_of(session))
    async with transactions.begin() as unit:
        revoke(unit, SESSION, session.id)
        await change_role(unit, user_id=admin.id, role=Role.USER)
        assert not await is_refused(revocations, viewer_of(session))
    assert await is_refused(revocations, viewer_of(session))
    assert not await revocations.is_admin(admin.id)
    assert noticed == [], "the response is sent first"
    await revocations.read()
    assert {one.subject_id for one in noticed} == {session.id, admin.id}


async def change(world: World, user: User, role: Role) -> None:
    transactions = Transactions(world.database, PubSub("redis://nowhere"))
    async with transactions.begin() as session:
        await change_role(session, user_id=user.id, role=role)


async def test_a_role_is_remembered_until_it_changes(
    world: World, revocations: RevocationList, clock: Clock
) -> None:
    await revocations.read()
    admin, user = await world.admin(), await world.user()
    assert await revocations.is_admin(admin.id)
    assert not await revocations.is_admin(user.id)
    await change(world, admin, Role.USER)
    await change(world, user, Role.ADMIN)
    assert await revocations.is_admin(admin.id), "until the next read"
    await revocations.read()
    assert not await revocations.is_admin(admin.id)
    assert await revocations.is_admin(user.id)
    await change(world, admin, Role.ADMIN)
    clock.passed += MAX_AGE_SECONDS
    assert await revocations.is_admin(admin.id), "the list is outdated"


async def test_a_role_read_before_its_change_is_not_remembered(
    world: World, revocations: RevocationList, monkeypatch: pytest.MonkeyPatch
) -> None:
    await revocations.read()
    admin = await world.admin()

    class Slow:
        """A database whose answer arrives after the change was committed and noticed."""

        def session(self) -> Any:
            return self

        async def __aenter__(self) -> "Slow":
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

        async def get(self, *_: object) -> User:
            user: User = await world.fresh(admin)
            await change(world, admin, Role.USER)
            await revocations.read()
            return user

    with monkeypatch.context() as slow:
        slow.setattr(revocations, "_database", Slow())
        await revocations.is_admin(admin.id)
    assert not await revocations.is_admin(admin.id)


async def test_listeners_hear_of_each_revocation_once(
    world: World, revocations: RevocationList, clock: Clock
) -> None:
    heard: list[Revoked] = []
    lost: list[bool] = []
    revocations.listen(heard.append, lambda: lost.append(True))
    await revocations.read()
    user = await world.user()
    sessions = [await revoked_session(world) for _ in range(3)]
    await world.save(*(Revocation(kind=USER, subject_id=user.id) for _ in range(2)))
    for _ in range(3):
        await revocations.read()
    subjects = sorted(one.subject_id for one in heard)
    assert subjects == sorted([*(session.id for session in sessions), user.id, user.id])
    clock.passed += MAX_GAP_SECONDS
    await revocations.read()
    assert not lost
    clock.passed += MAX_GAP_SECONDS + 1
    await revocations.read()
    assert lost == [True]


async def test_expired_revocations_are_forgotten(
    world: World, revocations: RevocationList, clock: Clock, database: Database
) -> None:
    session = await revoked_session(world)
    await revocations.read()
    moment = now() + timedelta(minutes=66)
    with pytest.MonkeyPatch.context() as later:
        later.setattr(revocation_list, "now", lambda: moment)
        clock.passed += 66 * 60
        await revocations.read()
    assert not await is_refused(revocations, viewer_of(session))
    assert revocations._known == {}


async def test_a_process_reads_every_second_without_redis(
    world: World, database: Database, settings: Settings
) -> None:
    own = Database(settings.sqlalchemy_url, pool=1)
    revocations = RevocationList(database, own, PubSub("redis://127.0.0.1:1"))
    heard = asyncio.Event()
    revocations.listen(lambda _: heard.set(), lambda: None)
    session = await world.session(await world.user())
    await revocations.start()
    try:
        await revocations.ensure_valid(viewer_of(session))
        await world.save(Revocation(kind=SESSION, subject_id=session.id))
        await asyncio.wait_for(heard.wait(), 3)
        assert await is_refused(revocations, viewer_of(session))
    finally:
        await revocations.stop()
