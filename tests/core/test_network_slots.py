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
