"""Long-lived objects are frozen, at a bounded rate, and evicted documents are freed at once."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from core.runtime import garbage
from core.runtime.garbage import DOCUMENTS_PER_FREEZE, FREEZES_PER_VISIT, THRESHOLDS, Freezer
from engine.limits.document_cache import DocumentCache


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the calls of the collector."""
    found: list[str] = []
    for name in ("collect", "freeze", "unfreeze"):
        monkeypatch.setattr(f"core.runtime.garbage.gc.{name}", lambda name=name: found.append(name))
    return found


def test_the_start_freezes_and_sets_the_thresholds() -> None:
    Freezer().start()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == THRESHOLDS


def test_new_documents_are_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "MIN_SECONDS", 0.0)
    freezer = Freezer()
    freezer.start()
    gc.unfreeze()
    cache = DocumentCache(on_new=freezer.note_document)
    for number in range(DOCUMENTS_PER_FREEZE):
        cache.read(f"query Q{number} {{ __typename }}")
    assert gc.get_freeze_count() == 0
    cache.read("query Last { __typename }")
    assert gc.get_freeze_count() > 10_000


def test_a_process_that_does_more_is_left_alone(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "MIN_SECONDS", 0.0)
    freezer = Freezer()
    for _ in range(10 * DOCUMENTS_PER_FREEZE):
        freezer.note_document()
    assert calls == []


def test_the_rate_is_bounded(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1_000.0
    monkeypatch.setattr("core.runtime.garbage.time.monotonic", lambda: moment)
    freezer = Freezer()
    freezer.start()
    calls.clear()
    for _ in range(10 * DOCUMENTS_PER_FREEZE):
        freezer.note_document()
    assert calls == [], "the first minute"
    moment += garbage.MIN_SECONDS
    for _ in range(10 * DOCUMENTS_PER_FREEZE):
        freezer.note_document()
    assert calls.count("freeze") == 1


def test_all_objects_are_visited_once_in_a_while(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "MIN_SECONDS", 0.0)
    freezer = Freezer()
    freezer.start()
    assert calls == ["freeze"]
    for _ in range(FREEZES_PER_VISIT * DOCUMENTS_PER_FREEZE + 1):
        freezer.note_document()
    assert calls[1:3] == ["collect", "freeze"]
    assert calls.count("unfreeze") == 1
    assert calls[-3:] == ["unfreeze", "collect", "freeze"]


def test_an_evicted_document_is_freed_though_it_is_frozen() -> None:
    cache = DocumentCache(max_tokens=20)
    evicted = ref(cache.read("query Evicted { a { b c } }").document.definitions[0])
    gc.freeze()
    gc.disable()
    try:
        cache.read("query Other { __typename a b c d e f g }")
        assert evicted() is None
    finally:
        gc.enable()
