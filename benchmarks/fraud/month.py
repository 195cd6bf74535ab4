"""A month of redemption attempts, made from a seed. It knows nothing of factors and points.

Honest people have families with one device, networks of mobile carriers, feast days and lost GPS.
Dishonest ones run device farms, collude with a shop, share screenshots, or guess codes.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

START = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 30
FEAST_DAY = 12
CITIES = 8
SHOPS = 400
USERS = 12_000
VISITS = 5.2  # of a user in the month
HOURS = (8, 9, 10, 11, 12, 12, 13, 13, 14, 16, 17, 18, 18, 19, 19, 20, 21)
FARMS, COLLUDING_SHOPS, SCREENSHOTS, GUESSERS = 25, 12, 260, 30


class Kind(StrEnum):
    """The truth about an attempt."""

    HONEST = "HONEST"
    FARM = "FARM"
    COLLUSION = "COLLUSION"
    SCREENSHOT = "SCREENSHOT"
    GUESSING = "GUESSING"


@dataclass(frozen=True)
class SimulatedShop:
    number: int
    city: int
    latitude: float
    longitude: float
    weight: float


@dataclass
class SimulatedUser:
    """An account, with the device and the network that it is used with."""

    number: int
    city: int
    device: int
    network: int
    since: datetime
    redeemed: int


@dataclass(frozen=True)
class SimulatedScan:
    """An attempt. `wrong_codes` were typed by the member in the minutes before."""

    at: datetime
    kind: Kind
    person: SimulatedUser
    shop: SimulatedShop
    claimed_at: datetime
    member: int = 0
    wrong_codes: int = 0
    location: tuple[float, float, float] | None = None


@dataclass
class SimulatedMonth:
    """The attempts in their order, and the accounts of each device."""

    scans: list[SimulatedScan]
    accounts: dict[int, set[int]] = field(default_factory=dict)


def simulate(seed: int) -> SimulatedMonth:
    """Return a month. The same seed gives the same month."""
    return _Simulation(random.Random(seed)).run()  # noqa: S311 - repeatable, not secret


class _Simulation:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.shops = [self._shop(number) for number in range(SHOPS)]
        self.people: list[SimulatedUser] = []
        self.accounts: dict[int, set[int]] = {}
        self._device = self._network = 0

    def run(self) -> SimulatedMonth:
        while len(self.people) < USERS:
            self._add_family()
        honest = list(self.people)
        scans = [*self._honest(honest), *self._farms(), *self._collusion()]
        scans += [*self._screenshots(honest), *self._guessing(honest)]
        return SimulatedMonth(sorted(scans, key=lambda one: one.at), self.accounts)

    def _shop(self, number: int) -> SimulatedShop:
        rng, city = self.rng, number % CITIES
        latitude, longitude = 10 + 2.5 * city, 72 + 1.5 * city
        place = rng.gauss(latitude, 0.05), rng.gauss(longitude, 0.05)
        return SimulatedShop(number, city, *place, rng.paretovariate(1.2))

    def _add_family(self) -> None:
        rng = self.rng
        city = rng.randrange(CITIES)
        size = rng.choices((1, 2, 3), (78, 15, 7))[0]
        device, home = self._new_device(), self._new_network()
        for _ in range(size):
            carrier = -1 - (city * 12 + rng.randrange(12))
            network = carrier if rng.random() < 0.6 else home
            self._add_person(city, device, network, self._age(young=0.05))
            if size > 1 and rng.random() < 0.5:
                device = self._new_device()

    def _age(self, young: float) -> timedelta:
        days = self.rng.uniform(0, 30) if self.rng.random() < young else self.rng.uniform(30, 900)
        return timedelta(days=days)

    def _add_person(self, city: int, device: int, network: int, age: timedelta) -> SimulatedUser:
        since = START + timedelta(days=DAYS / 2) - age
        redeemed = int(age.days / 90 * self.rng.random() * 3)
        person = SimulatedUser(len(self.people), city, device, network, since, redeemed)
        self.people.append(person)
        self.accounts.setdefault(device, set()).add(person.number)
        return person

    def _new_device(self) -> int:
        self._device += 1
        return self._device

    def _new_network(self) -> int:
        self._network += 1
        return self._network

    def _moment(self, day: int | None = None) -> datetime:
        rng = self.rng
        day = rng.randrange(DAYS) if day is None else day
        return START + timedelta(
            days=day, hours=rng.choice(HOURS), minutes=rng.random() * 60, seconds=rng.random()
        )

    def _near(self, city: int) -> SimulatedShop:
        own = [shop for shop in self.shops if shop.city == city]
        return self.rng.choices(own, [shop.weight for shop in own])[0]

    def _location(self, shop: SimulatedShop) -> tuple[float, float, float] | None:
        """Return the place of the till by its own GPS: often unknown, inaccurate or wrong."""
        rng = self.rng
        if rng.random() < 0.3:
            return None
        if rng.random() < 0.03:
            return shop.latitude + rng.gauss(0, 0.05), shop.longitude + rng.gauss(0, 0.05), 1_500
        if rng.random() < 0.004:
            return shop.latitude + rng.gauss(0, 0.3), shop.longitude + rng.gauss(0, 0.3), 50
        return (
            rng.gauss(shop.latitude, 0.0004),
            rng.gauss(shop.longitude, 0.0004),
            rng.lognormvariate(3, 0.7),
        )

    def _honest(self, people: Sequence[SimulatedUser]) -> Iterator[SimulatedScan]:
        rng = self.rng
        crowded = rng.sample(self.shops, 40)
        for person in people:
            for _ in range(int(rng.expovariate(1 / VISITS)) + (rng.random() < 0.5)):
                feast = rng.random() < 0.12
                at = self._moment(FEAST_DAY if feast else None)
                own = [shop for shop in crowded if shop.city == person.city]
                shop = rng.choice(own) if feast and own else self._near(person.city)
                if rng.random() < 0.01:  # on a journey
                    shop = rng.choice(self.shops)
                yield self._scan(at, Kind.HONEST, person, shop, self._gap(at_till=0.06))

    def _gap(self, at_till: float) -> timedelta:
        """Return the time from the claim to the till."""
        rng = self.rng
        if rng.random() < at_till:
            return timedelta(seconds=rng.uniform(30, 180))
        return timedelta(hours=min(200.0, rng.lognormvariate(1.6, 1.1)))

    def _scan(
        self,
        at: datetime,
        kind: Kind,
        person: SimulatedUser,
        shop: SimulatedShop,
        gap: timedelta,
        wrong: int = 0,
    ) -> SimulatedScan:
        typed = wrong if kind is not Kind.HONEST else int(self.rng.random() < 0.004)
        claimed_at = max(at - gap, person.since)
        member = shop.number * 10 + self.rng.randrange(3)
        return SimulatedScan(
            at, kind, person, shop, claimed_at, member, typed, self._location(shop)
        )

    def _farms(self) -> Iterator[SimulatedScan]:
        """One device with many young accounts, in bursts."""
        rng = self.rng
        for _ in range(FARMS):
            city, device = rng.randrange(CITIES), self._new_device()
            network = self._new_network()
            accounts = [
                self._add_person(city, device, network, self._age(young=0.8))
                for _ in range(rng.randint(8, 14))
            ]
            for _ in range(rng.randint(4, 10)):
                shop, at = self._near(city), self._moment()
                for person in rng.sample(accounts, rng.randint(4, 8)):
                    at += timedelta(minutes=rng.uniform(1, 12))
                    person.since = min(person.since, at - timedelta(hours=1))
                    yield self._scan(at, Kind.FARM, person, shop, self._gap(at_till=0.5))

    def _collusion(self) -> Iterator[SimulatedScan]:
        """Yield the scans of a shop that redeems the vouchers of friends who buy nothing."""
        rng = self.rng
        for shop in rng.sample(self.shops, COLLUDING_SHOPS):
            friends = []
            for _ in range(rng.randint(4, 7)):
                device, network = self._new_device(), self._new_network()
                friends += [
                    self._add_person(shop.city, device, network, self._age(young=0.3))
                    for _ in range(rng.randint(2, 4))
                ]
            for _ in range(rng.randint(3, 8)):
                at = self._moment()
                for person in rng.choices(friends, k=rng.randint(6, 16)):
                    at += timedelta(minutes=rng.uniform(0.5, 6))
                    person.since = min(person.since, at - timedelta(hours=1))
                    yield self._scan(at, Kind.COLLUSION, person, shop, self._gap(at_till=0.4))

    def _screenshots(self, people: Sequence[SimulatedUser]) -> Iterator[SimulatedScan]:
        """Yield scans of a voucher that its holder passes on, often presented in another place."""
        rng = self.rng
        for _ in range(SCREENSHOTS):
            person, at = rng.choice(people), self._moment()
            for _ in range(rng.randint(1, 4)):
                at += timedelta(minutes=rng.uniform(2, 400))
                away = rng.random() < 0.25
                shop = rng.choice(self.shops) if away else self._near(person.city)
                yield self._scan(at, Kind.SCREENSHOT, person, shop, self._gap(at_till=0.1))

    def _guessing(self, people: Sequence[SimulatedUser]) -> Iterator[SimulatedScan]:
        """Yield the guesses of a member of a shop who types codes until some are right."""
        rng = self.rng
        for _ in range(GUESSERS):
            shop = rng.choice(self.shops)
            for _ in range(rng.randint(1, 5)):
                at = self._moment()
                person = rng.choice(people)
                wrong = rng.randint(1, 8)
                yield self._scan(at, Kind.GUESSING, person, shop, self._gap(at_till=0.02), wrong)
