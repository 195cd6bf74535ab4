"""Offers, a clinic, dates with free tickets, and goods: the scene of shoppers in a soak test."""

from dataclasses import dataclass
from typing import Self

from core.security.random_secrets import hash_secret
from models.catalog.variants import Variant
from models.events.check_in.lists import CheckInList
from models.events.dates import EventDate
from models.events.ticket_types import TicketType
from models.identity.accounts import User
from models.offers.offers import Offer
from models.vendors import MemberRole
from tests.factories.buying import Stall
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

MANY = 100_000  # vouchers, tickets and units: races test what runs out
MOST_VOUCHERS = 20  # of an offer and a user


@dataclass(frozen=True)
class FreeEntry:
    """A date with free tickets, and its door."""

    date: EventDate
    kind: TicketType
    door: CheckInList


@dataclass(frozen=True)
class Town:
    """All of one vendor but the goods, with a member who scans at its doors and at its till."""

    clinic: Clinic
    offers: list[Offer]
    halls: list[FreeEntry]
    variant: Variant
    member: User
    scanner_key: str

    @classmethod
    async def open(cls, world: World, minutes: int) -> Self:
        """Open a town that lasts for some minutes: what one user can have of a thing is limited."""
        clinic = await Clinic.open(world, per_user_open=10)
        vendor = clinic.vendor
        member = await new_member(world, vendor, MemberRole.STAFF)
        scanner_key = f"scan_{vendor.id}"
        await world.scanner(vendor, member, key_hash=hash_secret(scanner_key))
        given = {"capacity": MANY, "per_user_limit": MOST_VOUCHERS}
        return cls(
            clinic=clinic,
            offers=[await world.offer(vendor, **given) for _ in range(minutes)],
            halls=[await _open_hall(world, clinic) for _ in range(minutes)],
            variant=(await Stall.open(world, on_hand=MANY)).variant,
            member=member,
            scanner_key=scanner_key,
        )


async def _open_hall(world: World, clinic: Clinic) -> FreeEntry:
    event = await world.event(clinic.vendor, max_per_user=100)
    date = await world.event_date(event)
    kind = await world.ticket_type(event, await world.quota(date, MANY), price=0)
    return FreeEntry(date, kind, await world.check_in_list(date))
