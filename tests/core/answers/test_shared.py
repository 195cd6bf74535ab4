"""Answers that processes share in Redis, and their versions."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from core.answers.kept_answer import KeptAnswer
from core.answers.shared import SharedAnswers
from tests import servers

KEPT = KeptAnswer('{"data":{"text":"ä\n"}'.encode(), 7, ("first", "second"), 5)


@pytest.fixture
async def shared() -> AsyncIterator[SharedAnswers]:
    shared = SharedAnswers(servers.new_redis_url(), ("first", "second", "third"))
    yield shared
    await shared.close()


def key() -> bytes:
    return uuid4().bytes


async def changed(shared: SharedAnswers, *tables: str) -> None:
    shared.note_changes(tables)
    publishing = shared._publishing
    assert publishing
    await publishing


async def test_an_answer_is_found_with_what_is_left_of_its_time(shared: SharedAnswers) -> None:
    mine = key()
    missed = await shared.find(mine)
    assert missed
    assert missed.answer is None
    await shared.store(mine, KEPT, missed.versions)
    found = await shared.find(mine)
    assert found
    assert found.answer
    assert (found.answer.beginning, found.answer.points) == (KEPT.beginning, 7)
    assert 0 < found.seconds <= 5


@pytest.mark.parametrize(("table", "kept"), [("second", False), ("third", True)])
async def test_a_change_of_a_table_drops_its_answers(
    shared: SharedAnswers, table: str, kept: bool
) -> None:
    mine = key()
    before = await shared.find(mine)
    assert before
    await shared.store(mine, KEPT, before.versions)
    await changed(shared, table)
    found = await shared.find(mine)
    assert found
    assert (found.answer is not None) == kept


async def test_a_change_while_an_answer_is_made_drops_it(shared: SharedAnswers) -> None:
    mine = key()
    before = await shared.find(mine)
    assert before
    await changed(shared, "first")
    await shared.store(mine, KEPT, before.versions)
    found = await shared.find(mine)
    assert found
    assert found.answer is None


async def test_without_redis_nothing_is_found_and_nothing_fails() -> None:
    shared = SharedAnswers("redis://127.0.0.1:1", ("first", "second"))
    assert await shared.find(key()) is None
    await shared.store(key(), KEPT, [None, None])
    shared.note_changes(["first"])
    await asyncio.wait_for(shared.close(), 10)
