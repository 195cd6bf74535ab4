"""Which answers a process keeps, and how many."""

from time import monotonic

import pytest

from core.answers.kept_answer import KeptAnswer
from core.answers.memory import AnswerMemory, hold

TABLES = ("offer", "vendor")


def answer(size: int = 10, tables: tuple[str, ...] = TABLES, seconds: float = 5) -> KeptAnswer:
    return KeptAnswer(bytes(size), 1, tables, seconds)


def keep(held: AnswerMemory, key: bytes, kept: KeptAnswer) -> None:
    held.keep(key, hold(kept, held.changes(), kept.seconds))


def test_an_answer_is_wanted_the_second_time() -> None:
    held = AnswerMemory(TABLES)
    assert not held.is_wanted(b"key")
    held.note_request(b"key")
    assert not held.is_wanted(b"key")
    held.note_request(b"key")
    assert held.is_wanted(b"key")


def test_the_keys_of_requests_are_bounded() -> None:
    """A client that sends other variables each time pushes out only what is not repeated."""
    held = AnswerMemory(TABLES, max_keys=100)
    for number in range(1_000):
        held.note_request(b"%d" % number)
        held.note_request(b"hot")
    assert len(held._asked) == 100
    assert held.is_wanted(b"hot")


def test_the_least_recently_used_answers_are_evicted_by_their_bytes() -> None:
    one = answer(1_000).size
    held = AnswerMemory(TABLES, max_bytes=3 * one)
    for key in (b"a", b"b", b"c"):
        keep(held, key, answer(1_000))
    assert held.find(b"a")
    keep(held, b"d", answer(1_000))
    assert [key for key in (b"a", b"b", b"c", b"d") if held.find(key)] == [b"a", b"c", b"d"]
    keep(held, b"a", answer(1_000))
    assert len(held) == 3, "an answer that is kept again counts once"


def test_an_answer_ends_with_its_time_and_with_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    held = AnswerMemory(TABLES)
    keep(held, b"short", answer(seconds=1))
    keep(held, b"vendors", answer(tables=("vendor",)))
    keep(held, b"all", answer())
    held.note_change("offer")
    assert held.find(b"all") is None
    assert held.find(b"vendors")
    monkeypatch.setattr("core.answers.memory.monotonic", lambda: monotonic() + 1)
    assert held.find(b"short") is None
    found = held.find(b"vendors")
    assert found
    assert found.age >= 1


def test_a_change_while_an_answer_is_made_drops_it() -> None:
    held = AnswerMemory(TABLES)
    before = held.changes()
    held.note_change("offer")
    held.keep(b"key", hold(answer(), before, 5))
    assert held.find(b"key") is None
