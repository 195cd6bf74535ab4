"""Limits how much each network holds of something at a time, in this process."""

from collections.abc import Callable
from time import monotonic

from core.limits import keys
from core.limits.keys import LimitKey

# Time in which a connection can sign in before another one takes its slot. It bounds how many
# handshakes of a network the server completes: 40 a second with 200 slots.
MIN_SECONDS = 5.0


class NetworkSlots:
    """Holds the slots of each network, such as those of its connections, the oldest first.

    If all are taken, the oldest one that is offered is replaced. Without that, one client could
    hold the slots of all others behind the same address.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[LimitKey, dict[NetworkSlot, None]] = {}

    def take(self, address: str) -> "NetworkSlot | None":
        """Return a slot of the address's network, or None if all are taken."""
        network = keys.of_network(address)
        held = self._held.get(network, {})
        if len(held) >= self._most and not _replace_oldest(held):
            return None
        slot = NetworkSlot(self, network)
        self._held.setdefault(network, {})[slot] = None
        return slot

    def networks(self) -> int:
        """Return the number of networks that hold a slot."""
        return len(self._held)

    def give_back(self, slot: "NetworkSlot", network: LimitKey) -> None:
        held = self._held[network]
        del held[slot]
        if not held:
            del self._held[network]


class NetworkSlot:
    """A slot, held until `release`, or until it is replaced once it was offered."""

    __slots__ = ("_network", "_on_replaced", "_slots", "_taken_at")

    def __init__(self, slots: NetworkSlots, network: LimitKey) -> None:
        self._slots: NetworkSlots | None = slots
        self._network = network
        self._taken_at = monotonic()
        self._on_replaced: Callable[[], None] | None = None

    def offer(self, on_replaced: Callable[[], None]) -> None:
        """Let another holder have the slot when it is not new. Calls back when it is taken."""
        self._on_replaced = on_replaced

    def release(self) -> None:
        """Give the slot back. Does nothing if it was given back already."""
        if self._slots:
            self._slots.give_back(self, self._network)
            self._slots = None
            self._on_replaced = None

    @property
    def is_new(self) -> bool:
        return monotonic() < self._taken_at + MIN_SECONDS

    def replace(self) -> bool:
        """Release the slot if it is offered. Returns whether it is free."""
        if self._on_replaced is None:
            return False
        on_replaced = self._on_replaced
        self.release()
        on_replaced()
        return True


def _replace_oldest(held: dict[NetworkSlot, None]) -> bool:
    for slot in list(held):
        if slot.is_new:  # so are those after it
            return False
        if slot.replace():
            return True
    return False
