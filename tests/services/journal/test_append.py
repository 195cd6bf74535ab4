"""The journal: gapless, in commit order, and without entries of a rollback."""

import asyncio
import copy
import random
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from core.database import Database
from core.ids import new_id
from core.outages import DRIVER_ERRORS, sqlstate
from engine.live.sources import JournalSource
from models.journal import JournalEntry, Topic
from services.chat.entries import ConversationEntry, MessageSent
from services.journal import append as journal
from services.journal import queries
from services.journal.entries import Entry, UnknownEntry
from services.transaction import Transactions
from tests.entries import First, Fourth, Happened, Second, Third
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import held
from tests.services.conftest import PublicationRecorder

TOPICS = [f"offer:{number}" for number in range(300)]


async def numbers(database: Database, topic: str) -> list[int]:
    rows = select(JournalEntry.seq).where(JournalEntry.topic == topic).order_by("seq")
    async with database.session() as session:
        return list((await session.exec(rows)).all())


def ensure_nothing_was_skipped(seen: list[int]) -> None:
    """Check that a reader of the last number has read all before it."""
    assert seen == list(range(1, len(seen) + 1))


async def test_journal_is_gapless_for_concurrent_readers(
    world: World, database: Database, transactions: Transactions
) -> None:
    dice = random.Random(1)
    reads: list[list[int]] = []
    places = asyncio.Semaphore(10)  # half of the pool, so that none waits until it times out

    async def write() -> None:
        async with places, transactions.begin() as session:
            for topic in dice.choices(("a", "b"), k=3):
                journal.append(session, Happened(new_id()), to=[topic])
            await asyncio.sleep(dice.random() / 100)

    async def read() -> None:
        while not writing.done():
            reads.append(await numbers(database, "a"))

    writing = asyncio.gather(*(write() for _ in range(150)))
    await asyncio.gather(writing, read())
    for seen in reads:
        ensure_nothing_was_skipped(seen)
    assert all(earlier == later[: len(earlier)] for earlier, later in pairwise(reads))
    assert len(await numbers(database, "a")) + len(await numbers(database, "b")) == 450
    await check_invariants(database)


async def test_journal_with_a_plain_sequence_would_skip(
    world: World, database: Database, transactions: Transactions
) -> None:
    insert = text(
        "INSERT INTO journal_entry (topic, seq, kind, facts, created_at)"
        " VALUES ('a', :seq, 'test', '{}', now())"
    )

    async with transactions.begin() as slow:
        await slow.execute(insert, {"seq": 1})
        async with transactions.begin() as quick:
            await quick.execute(insert, {"seq": 2})
        with pytest.raises(AssertionError):
            ensure_nothing_was_skipped(await numbers(database, "a"))


async def test_journal_keeps_the_order_within_a_transaction(
    world: World, recorder: PublicationRecorder, transactions: Transactions
) -> None:
    async with transactions.begin() as session:
        for topic, entry in (("b", First()), ("a", Second()), ("b", Third()), ("b", Fourth())):
            journal.append(session, entry, to=[topic])
    assert await world.journal() == [
        ("a", 1, "test.second"),
        ("b", 1, "test.first"),
        ("b", 2, "test.third"),
        ("b", 3, "test.fourth"),
    ]
    assert recorder.published == [{"a": 1, "b": 3}]


@pytest.mark.parametrize("failure", [ValueError, asyncio.CancelledError, KeyboardInterrupt])
async def test_journal_of_a_rollback_is_neither_written_nor_published(
    world: World,
    recorder: PublicationRecorder,
    transactions: Transactions,
    failure: type[BaseException],
) -> None:
    with pytest.raises(failure):
        async with transactions.begin() as session:
            journal.append(session, Happened(new_id()), to=["a"])
            await session.flush()
            raise failure
    assert await world.journal() == []
    assert recorder.published == []
    async with world.database.session() as session:
        assert (await session.exec(select(Topic))).all() == []


async def test_journal_is_published_only_when_it_can_be_read(
    world: World, database: Database, recorder: PublicationRecorder, transactions: Transactions
) -> None:
    async with transactions.begin() as session:
        journal.append(session, Happened(new_id()), to=["a"])
        assert recorder.published == []
        assert await numbers(database, "a") == []
    assert recorder.published == [{"a": 1}]
    async with transactions.begin():
        pass
    assert len(recorder.published) == 1


async def write_in_both_orders(transactions: Transactions, writers: int = 8) -> list[str | None]:
    """Write topics in opposite orders, and return the SQLSTATE of each failed transaction."""

    async def write(topics: list[str]) -> None:
        async with transactions.begin() as session:
            for topic in topics:
                journal.append(session, Happened(new_id()), to=[topic])

    writing = (write(TOPICS[:: 1 if number % 2 else -1]) for number in range(writers))
    ended = await asyncio.gather(*writing, return_exceptions=True)
    return [sqlstate(one) for one in ended if isinstance(one, (DBAPIError, *DRIVER_ERRORS))]


async def test_journal_of_topics_in_opposite_order_does_not_deadlock(
    world: World, database: Database, transactions: Transactions
) -> None:
    assert await write_in_both_orders(transactions) == []
    assert await numbers(database, TOPICS[0]) == list(range(1, 9))


async def test_journal_of_unordered_topics_would_deadlock(
    world: World,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    transactions: Transactions,
) -> None:
    """Two transactions meet at the topic in the middle."""
    assert await write_in_both_orders(transactions) == []
    statement = copy.copy(journal.WRITE)
    statement.sql = journal.WRITE.sql.replace('ORDER BY topic COLLATE "C"', "")
    assert statement.sql != journal.WRITE.sql
    monkeypatch.setattr(journal, "WRITE", statement)
    monkeypatch.setattr(journal, "sorted", list, raising=False)
    middle = TOPICS[len(TOPICS) // 2]
    async with held(database, f"SELECT FROM topic WHERE topic = '{middle}' FOR UPDATE"):
        assert await write_in_both_orders(transactions, writers=2) == ["40P01"]


async def test_an_entry_is_read_back_as_it_was_appended(
    world: World, database: Database, transactions: Transactions
) -> None:
    sent = MessageSent(new_id(), new_id(), message_id=new_id(), sequence=7)
    async with transactions.begin() as session:
        journal.append(session, sent, to=["a", "b"])
    (record,) = await queries.entries(database, "b", after=0)
    assert record.entry == sent
    assert (record.topic, record.seq, record.kind) == ("b", 1, "message.sent")


def test_an_entry_of_a_newer_release_is_read_as_unknown() -> None:
    assert type(Entry.decode("not.known.yet", {"what": "ever"})) is UnknownEntry


def test_facts_that_a_newer_release_added_are_ignored() -> None:
    id = new_id()
    assert Entry.decode("test", {"id": str(id), "more": "5"}) == Happened(id)


def test_two_entry_classes_cannot_have_the_same_kind() -> None:
    with pytest.raises(TypeError, match="MessageSent is"):

        class Again(Entry, kind="message.sent"):
            pass


def test_an_entry_cannot_hold_text() -> None:
    with pytest.raises(TypeError, match="only ids and int facts"):

        class Said(Entry, kind="test.said"):
            text: str


def test_a_source_cannot_list_entries_without_a_kind() -> None:
    with pytest.raises(TypeError, match="ConversationEntry is stored under no kind"):

        class Source(JournalSource[object]):
            changes: ClassVar[Any] = {ConversationEntry: None}
