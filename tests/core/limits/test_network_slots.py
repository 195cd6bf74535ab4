import pytest

from core.limits import network_slots
from core.limits.network_slots import NetworkSlots


def test_each_network_has_slots_of_its_own() -> None:
    slots = NetworkSlots(2)
    held = [slots.take("203.0.113.7"), slots.take("::ffff:203.0.113.7")]
    assert all(held)
    assert slots.take("203.0.113.7") is None
    assert slots.take("203.0.113.8")


def test_a_slot_is_given_back_once() -> None:
    slots = NetworkSlots(2)
    first, second = slots.take("2001:db8::1"), slots.take("2001:db8::2")
    assert first
    assert second
    first.release()
    first.release()
    assert slots.take("2001:db8::3")
    assert slots.take("2001:db8::4") is None


def test_nothing_is_kept_of_networks_without_slots() -> None:
    slots = NetworkSlots(2)
    for number in range(1_000):
        slot = slots.take(f"2001:db8:{number:x}::1")
        assert slot
        slot.release()
    assert slots.networks() == 0


def test_the_oldest_slot_that_is_offered_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_slots, "MIN_SECONDS", 0.0)
    slots, replaced = NetworkSlots(3), list[str]()
    kept, first, second = (slots.take("203.0.113.7") for _ in range(3))
    assert kept
    assert first
    assert second
    assert slots.take("203.0.113.7") is None, "none is offered"
    second.offer(lambda: replaced.append("second"))
    first.offer(lambda: replaced.append("first"))
    third = slots.take("203.0.113.7")
    assert third
    assert replaced == ["first"]
    first.release()
    assert slots.take("203.0.113.7")
    assert replaced == ["first", "second"]
    assert slots.take("203.0.113.7") is None, "a slot that was replaced is not given back again"


def test_a_slot_is_kept_for_a_moment() -> None:
    slots = NetworkSlots(1)
    slot = slots.take("203.0.113.7")
    assert slot
    slot.offer(lambda: pytest.fail("replaced"))
    assert slots.take("203.0.113.7") is None
