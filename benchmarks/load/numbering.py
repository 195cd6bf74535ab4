"""Ids that are computed from a number.

pgbench has integer variables and no lists of ids, so the rows that a load works on are numbered.
"""

from dataclasses import dataclass
from uuid import UUID

USER, OFFER, VENDOR, VOUCHER, SCANNER, VARIANT, CART, CHECKOUT = range(1, 9)
FIRST_GENERATED_KIND = 16  # kinds from here on are for rows that a request itself inserts
OFFER_COUNT, HOT_OFFER_COUNT, VENDOR_COUNT = 1000, 100, 200  # and as many variants as offers
VARIANT_PRICE = 10_000
USERS_APART = 2 * OFFER_COUNT  # a multiple, so that no two requests share user and offer


def uuid_of(kind: int, number: int) -> UUID:
    """Return a UUIDv7: the kind in the first group, the number in the last."""
    return UUID(int=kind << 96 | 7 << 76 | 8 << 60 | number)


def uuid_sql(kind: int, variable: str) -> str:
    """Return SQL for the same id, numbered by a pgbench variable."""
    return f"('{kind:08x}-0000-7000-8000-' || lpad(to_hex(:{variable}::bigint), 12, '0'))"


@dataclass(frozen=True)
class RequestTarget:
    """The numbers of one request. No two requests share both user and offer."""

    number: int
    user: int
    offer: int

    @property
    def vendor(self) -> int:
        return self.offer % VENDOR_COUNT


@dataclass(frozen=True)
class LoadRun:
    """One run with its own range of at most `users` request numbers."""

    index: int
    users: int
    clients: int
    seconds: int
    hot: bool = False

    @property
    def warmup_seconds(self) -> int:
        """Seconds before pgbench counts, because its connections are new."""
        return 1 if self.clients < 32 else 2

    @property
    def first(self) -> int:
        return self.index * self.users

    def target(self, step: int) -> RequestTarget:
        number = self.first + step
        offer = OFFER_COUNT + self.index % HOT_OFFER_COUNT
        if not self.hot:
            offer = (number + self.index) % OFFER_COUNT
        return RequestTarget(number, (number + self.first_user) % self.users, offer)

    @property
    def first_user(self) -> int:
        """Return the first user. Runs begin with different ones: few orders can be unpaid."""
        return self.index * USERS_APART

    def target_sql(self) -> str:
        """Return `target` as SQL for a script that each client repeats."""
        offer = OFFER_COUNT + self.index % HOT_OFFER_COUNT
        return "\n".join(
            [
                rf"\set number {self.first} + :step * {self.clients} + :client_id",
                r"\set step :step + 1",
                rf"\set user (:number + {self.first_user}) % {self.users}",
                rf"\set offer {offer}"
                if self.hot
                else rf"\set offer (:number + {self.index}) % {OFFER_COUNT}",
                rf"\set vendor :offer % {VENDOR_COUNT}",
            ]
        )
