"""The unit of work of a mutation or job: commit, signal, then run the effects."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from asyncpg.exceptions import IntegrityConstraintViolationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database, constraint
from core.ids import FIRST_ID
from core.limits.keyed_semaphore import KeyedSemaphore
from core.outages import DRIVER_ERRORS, sqlstate
from core.statements.units import (
    PreparedTransaction,
    TransactionOnDemand,
    UnitOfWork,
    connection_of,
)
from models.errors import Refusal
from models.identity.revocations import Revocation
from services import public_changes
from services.journal import append as journal
from services.offers.listings import write_listings

DEADLOCK_DETECTED, SERIALIZATION_FAILURE = "40P01", "40001"
RETRIED_STATES = {DEADLOCK_DETECTED, SERIALIZATION_FAILURE}

OpenTransaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Effect = Callable[[], Awaitable[None]]
Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class Publisher(Protocol):
    """Wakes the listeners of topics in all processes."""

    def publish(self, grown: Mapping[str, int]) -> None: ...


class Transactions:
    """Opens the one unit of work of a mutation or a job.

    Deliveries of a notification wait `notify_after` for the user to read it in the app. This
    setting of the process travels with the session, not through every notifying service.
    `note_revocation` is called for each revocation once it is committed, and `note_changes` with
    the public tables that a transaction has changed.
    """

    def __init__(
        self,
        database: Database,
        pubsub: Publisher,
        *,
        notify_after: timedelta = timedelta(),
        note_revocation: Callable[[Revocation], None] = lambda _: None,
        note_changes: Callable[[Collection[str]], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._pubsub = pubsub
        self._notify_after = notify_after
        self._note_revocation = note_revocation
        self._note_changes = note_changes
        self._hot_rows = KeyedSemaphore()

    @asynccontextmanager
    async def begin(self, *hot_rows: Hashable) -> AsyncIterator[AsyncSession]:
        """Commit at the end of the block, with the journal; then publish the grown topics.

        `hot_rows` name rows that many transactions lock, in the order of their ids. Only a few per
        process wait for each; the others queue before they take a connection, or one hot row would
        occupy the whole pool. A constraint that fails at the flush is raised as its `Refusal`.
        """
        async with self._hot_rows.acquire(*hot_rows), self._database.session() as session:
            session.info["notify_after"] = self._notify_after
            with _refusals_by_constraint():
                async with session.begin():
                    yield session
                    await session.flush()
                    await write_listings(session)
                    grown = await _write_journal(session)
        self._note_changes(public_changes.take_changes(session))
        await self._follow_up(session.info, grown)

    @asynccontextmanager
    async def begin_prepared(self, *hot_rows: Hashable) -> AsyncIterator[PreparedTransaction]:
        """Do the same for a service that sends prepared statements alone, in a third of the time.

        It is for mutations under a rush. A constraint fails with its statement, as its `Refusal`.
        """
        info: dict[Any, Any] = {"notify_after": self._notify_after}
        with _refusals_by_constraint():
            async with (
                self._hot_rows.acquire(*hot_rows),
                self._database.prepared_transaction() as connection,
            ):
                unit = PreparedTransaction(connection, info)
                yield unit
                grown = await _write_journal(unit)
        await self._follow_up(info, grown)

    @asynccontextmanager
    async def begin_on_demand(self, *hot_rows: Hashable) -> AsyncIterator[TransactionOnDemand]:
        """Do the same for a service that may need no more than one statement, or else begins."""
        info: dict[Any, Any] = {"notify_after": self._notify_after}
        with _refusals_by_constraint():
            async with (
                self._hot_rows.acquire(*hot_rows),
                self._database.prepared_transaction(begun=False) as connection,
            ):
                unit = TransactionOnDemand(connection, info)
                yield unit
                grown = await _write_journal(unit)
        await self._follow_up(info, grown)

    async def _follow_up(self, info: dict[Any, Any], grown: dict[str, int]) -> None:
        """Publish what was committed, and run the effects."""
        for revocation in info.pop("revocations", []):
            self._note_revocation(revocation)
        if grown := grown | info.pop("signals", {}):
            self._pubsub.publish(grown)
        for effect in info.pop("effects", []):
            await _run(effect)


async def _write_journal(unit: UnitOfWork) -> dict[str, int]:
    """Write the journal as the last of a transaction. Returns the newest number per topic.

    It is last, to hold the locks of its topics for as short as possible. Deferred constraints of a
    session would fail after that, inside COMMIT, so they are checked first. Without entries, COMMIT
    checks them.
    """
    entries = unit.info.pop("journal", [])
    if not entries:
        return {}
    connection = await connection_of(unit)
    if isinstance(unit, AsyncSession):
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return await journal.write(connection, entries)


@contextmanager
def _refusals_by_constraint() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, IntegrityConstraintViolationError) as error:
        if refusal := Refusal.by_constraint.get(constraint(error) or ""):
            raise refusal from error
        raise


def on_commit(session: UnitOfWork, effect: Effect) -> None:
    """Run an effect after the commit, or never if the transaction rolls back.

    Effects run in the order added, before the response is sent. They may fail: the change is
    committed, so an error is logged, not raised. Work that must happen belongs in a job.
    """
    session.info.setdefault("effects", []).append(effect)


@asynccontextmanager
async def attempt(session: AsyncSession) -> AsyncIterator[None]:
    """Undo what the block has done, in the database and in the journal, if it raises.

    The transaction goes on. Rows that the block has changed must be read again.
    """
    entries: list[Any] = session.info.setdefault("journal", [])
    length = len(entries)
    try:
        async with session.begin_nested():
            yield
            await session.flush()
    except BaseException:
        del entries[length:]
        raise


def notification_delay(session: UnitOfWork) -> timedelta:
    """Return how long deliveries wait for the user to read a notification in the app."""
    delay: timedelta = session.info["notify_after"]
    return delay


async def in_batches(
    transaction: OpenTransaction, work: Callable[[AsyncSession], Awaitable[bool]]
) -> None:
    """Call a function until it returns that nothing is left, in a transaction for each batch."""
    more = True
    while more:
        async with transaction() as session:
            more = await work(session)


async def by_ids(
    transaction: OpenTransaction,
    work: Callable[[AsyncSession, UUID], Awaitable[UUID | None]],
) -> None:
    """Work on batches of rows by ascending id, each in a transaction of its own.

    The function gets the id after which its batch begins, and returns the last one of it, None if
    there are no more.
    """
    last: UUID | None = FIRST_ID
    while last is not None:
        async with transaction() as session:
            last = await work(session, last)


async def one_by_one(
    transaction: OpenTransaction,
    ids: Sequence[UUID],
    work: Callable[[AsyncSession, UUID], Awaitable[bool]],
) -> bool:
    """Call a function for each row, in a transaction of its own. Returns whether any changed.

    A row that fails is logged and skipped: it must not keep the others of its batch.
    """
    return any([await _try(transaction, id, work) for id in ids])


async def _try(
    transaction: OpenTransaction,
    id: UUID,
    work: Callable[[AsyncSession, UUID], Awaitable[bool]],
) -> bool:
    try:
        async with transaction() as session:
            return await work(session, id)
    except Exception:
        log.exception("transaction.row_skipped", work=work.__name__, id=str(id))
        return False


async def retry_serialization_failure(run: Callable[[], Awaitable[Result]]) -> Result:
    """Run a whole transaction, and once more after a deadlock or a serialization failure.

    PostgreSQL has rolled back its victim, so the second run starts from nothing, after its
    competitor has finished. `run` must open its own transaction. Other errors are raised.
    """
    try:
        return await run()
    except (DBAPIError, *DRIVER_ERRORS) as error:
        if sqlstate(error) not in RETRIED_STATES:
            raise
    await asyncio.sleep(0)  # let the transaction that won continue first
    return await run()


async def _run(effect: Effect) -> None:
    try:
        await effect()
    except Exception:
        log.exception("transaction.effect_failed")
