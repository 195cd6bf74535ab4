"""How many chat for how long, and what is done to them meanwhile."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Disaster(StrEnum):
    """A failure to cause. Sockets are also cut at random all the time."""

    SERVER = "a server killed"
    REDIS = "Redis restarted"
    POSTGRES = "PostgreSQL crashed"


@dataclass(frozen=True)
class Scale:
    """Each vendor has customers, each in a conversation of their own, and members.

    Everybody follows their own conversation, or one of their vendor's, and their inbox.
    """

    seconds: float
    vendors: int
    customers: int
    members: int
    pause: float  # seconds between two messages of a person, on average
    between_cuts: float  # seconds between two cuts of a person's socket, on average
    disasters: tuple[Disaster, ...]
    seed: int = 1
    resume: bool = True  # otherwise clients forget where they were, which is what must be noticed

    @property
    def people(self) -> int:
        return self.vendors * (self.customers + self.members)

    @property
    def conversations(self) -> int:
        return self.vendors * self.customers

    def schedule(self) -> list[tuple[float, Disaster]]:
        """When what happens, in seconds from the beginning: in any order, well apart."""
        chance = Random(self.seed)
        shuffled = chance.sample(self.disasters, len(self.disasters))
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
    disasters=(Disaster.SERVER, Disaster.REDIS, Disaster.REDIS, Disaster.POSTGRES),
)
BRIEF = Scale(
    seconds=12,
    vendors=2,
    customers=2,
    members=4,
    pause=1,
    between_cuts=3,
    disasters=(Disaster.SERVER, Disaster.REDIS, Disaster.POSTGRES),
)
