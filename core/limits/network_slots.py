"""Limits how much each network holds of something at a time, in this process."""

from collections import Counter

from core.limits import keys
from core.limits.keys import LimitKey


class NetworkSlots:
    """Counts what each network holds at the moment, such as connections."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[LimitKey] = Counter()

    def take(self, address: str) -> "NetworkSlot | None":
        """Return a slot of the address's network, or None if all are taken."""
        network = keys.of_network(address)
        if self._taken[network] >= self._most:
            return None
        self._taken[network] += 1
        return NetworkSlot(self, network)

    def networks(self) -> int:
        """Return the number of networks that hold a slot."""
        return len(self._taken)

    def give_back(self, network: LimitKey) -> None:
        self._taken[network] -= 1
        if not self._taken[network]:
            del self._taken[network]


class NetworkSlot:
    """A slot, held until `release`."""

    __slots__ = ("_network", "_slots")

    def __init__(self, slots: NetworkSlots, network: LimitKey) -> None:
        self._slots: NetworkSlots | None = slots
        self._network = network

    def release(self) -> None:
        """Give the slot back. Does nothing if it was given back already."""
        if self._slots:
            self._slots.give_back(self._network)
            self._slots = None
