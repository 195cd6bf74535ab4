"""The size and duration of a soak test, and the failures during it."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Failure(StrEnum):
    """A failure to cause. Sockets are also cut at random all the time."""

    SERVER = "a server killed"
    REDIS = "Redis restarted"
    POSTGRES = "PostgreSQL crashed"
    REDIS_HANGS = "Redis hung"
    POSTGRES_HANGS = "PostgreSQL hung"


@dataclass(frozen=True)
class Scale:
    """Each vendor has customers, with one conversation each, and members.

    A person subscribes to one conversation and to their inbox. Shoppers claim and redeem vouchers,
    book, order goods and tickets, and enter.
    """

    seconds: float
    vendors: int
    customers: int
    members: int
    pause: float  # seconds between two messages of a person, on average
    between_cuts: float  # seconds between two cuts of a person's socket, on average
    planned_failures: tuple[Failure, ...]
    shoppers: int
    shopping_pause: float  # seconds between two acts of a shopper, on average
    seed: int = 1
    resume: bool = True  # otherwise clients lose their cursor, which the comparison must notice
    forgets: bool = False  # shoppers repeat without their key, which the comparison must notice

    @property
    def people(self) -> int:
        return self.vendors * (self.customers + self.members)

    @property
    def minutes(self) -> int:
        return 1 + int(self.seconds // 60)

    @property
    def conversations(self) -> int:
        return self.vendors * self.customers

    def schedule(self) -> list[tuple[float, Failure]]:
        """Return the failures with their times in seconds, in random order and well apart."""
        chance = Random(self.seed)
        shuffled = chance.sample(self.planned_failures, len(self.planned_failures))
        apart = self.seconds / (len(shuffled) + 1)
        return [
            (apart * (number + chance.uniform(-0.15, 0.15)), what)
            for number, what in enumerate(shuffled, 1)
        ]


WHOLE = Scale(
    seconds=180,
    vendors=50,
    customers=2,
    members=8,
    pause=60,
    between_cuts=60,
    shoppers=20,
    shopping_pause=3,
    planned_failures=(
        Failure.SERVER,
        Failure.REDIS,
        Failure.REDIS,
        Failure.POSTGRES,
        Failure.REDIS_HANGS,
        Failure.POSTGRES_HANGS,
        Failure.POSTGRES_HANGS,
    ),
)
BRIEF = Scale(
    seconds=40,
    vendors=2,
    customers=2,
    members=4,
    pause=1,
    between_cuts=3,
    shoppers=6,
    shopping_pause=1,
    planned_failures=tuple(Failure),
)
