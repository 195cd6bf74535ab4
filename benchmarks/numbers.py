"""Ids that can be computed from a number, in Python and in a pgbench script alike.

pgbench has integers and no lists of ids, so whatever the load works on is numbered.
"""

from dataclasses import dataclass
from uuid import UUID

USER, OFFER, VENDOR, VOUCHER, SCANNER = range(1, 6)
MADE = 16  # kinds from here on are of rows that a request itself makes
OFFERS, HOT_OFFERS, VENDORS = 1000, 100, 200


def uuid_of(kind: int, number: int) -> UUID:
    """A UUIDv7 in form: the kind in the first group, the number in the last."""
    return UUID(int=kind << 96 | 7 << 76 | 8 << 60 | number)


def uuid_sql(kind: int, variable: str) -> str:
    """The text of the same id, from a variable of pgbench."""
    return f"('{kind:08x}-0000-7000-8000-' || lpad(to_hex(:{variable}::bigint), 12, '0'))"


@dataclass(frozen=True)
class Place:
    """What the nth request is about. No two requests share a user and an offer."""

    number: int
    user: int
    offer: int

    @property
    def vendor(self) -> int:
        return self.offer % VENDORS


@dataclass(frozen=True)
class Turn:
    """One stretch of load: its numbers are its own, `users` of them at most."""

    index: int
    users: int
    clients: int
    seconds: int
    hot: bool = False

    @property
    def warming(self) -> int:
        """Seconds that pgbench runs before it counts: each of its connections starts cold."""
        return 1 if self.clients < 32 else 2

    @property
    def first(self) -> int:
        return self.index * self.users

    def place(self, step: int) -> Place:
        number = self.first + step
        offer = OFFERS + self.index % HOT_OFFERS
        if not self.hot:
            offer = (number + self.index) % OFFERS
        return Place(number, number % self.users, offer)

    def place_sql(self) -> str:
        """As `place`, for a script that every client runs over and over."""
        offer = OFFERS + self.index % HOT_OFFERS
        return "\n".join(
            [
                rf"\set number {self.first} + :step * {self.clients} + :client_id",
                r"\set step :step + 1",
                rf"\set user :number % {self.users}",
                rf"\set offer {offer}"
                if self.hot
                else rf"\set offer (:number + {self.index}) % {OFFERS}",
                rf"\set vendor :offer % {VENDORS}",
            ]
        )
