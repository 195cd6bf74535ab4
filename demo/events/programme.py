"""Adds events with their ticket types, dates and quotas, as members of a vendor do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.text.slugs import slugify
from demo.dataset import Dataset, DemoVendor
from demo.pictures import HUES, draw_cover
from demo.rng import SeededRandom
from demo.toml_data import load
from demo.vendors.profiles import add_file
from models.events.dates import EventDate, EventDateState
from models.events.events import Event, EventSlug, EventState
from models.events.questions import EventQuestion
from models.events.series import DateTimes
from models.events.ticket_types import (
    PriceTier,
    TicketQuota,
    TicketType,
    TypeQuota,
)
from models.events.tickets import Ticket
from models.events.venues import Venue
from models.pictures import EventPicture
from services.events.charts.layout import PlacedSeat

TEXTS = load("events")
PLACE = ("country", "city", "pin_code", "latitude", "longitude")
AHEAD = timedelta(days=60)  # from the creation of an event until today
SALE_DAYS = timedelta(days=25)
IDLE = timedelta(days=1)  # in which nothing was sold at the desk
PICTURES = 2  # of an event


@dataclass
class Programme:
    """An event with its ticket types by name, and its dates in their order."""

    rng: SeededRandom
    dataset: Dataset
    vendor: DemoVendor
    row: Event
    texts: dict[str, Any]
    venue: Venue | None = None
    types: dict[str, TicketType] = field(default_factory=dict)
    tiers: dict[str, list[PriceTier]] = field(default_factory=dict)
    questions: dict[str, EventQuestion] = field(default_factory=dict)
    dates: list["DemoDate"] = field(default_factory=list)

    def add_type(self, name: str, price: int, **values: Any) -> TicketType:
        """Add a ticket type, whose price is in whole units of the currency."""
        kind = TicketType(
            id=self.rng.uuid7_at(self.row.created_at),
            created_at=self.row.created_at,
            event_id=self.row.id,
            vendor_id=self.row.vendor_id,
            locale=self.row.locale,
            name=self.texts["types"][name],
            price=price * 100,
            currency=self.row.currency,
            position=len(self.types),
            **values,
        )
        self.types[name] = kind
        self.dataset.event_rows.append(kind)
        return kind

    def add_tier(self, name: str, label: str, price: int, until: datetime) -> None:
        """Add a price tier of a ticket type, whose price is in whole units of the currency."""
        tiers = self.tiers.setdefault(name, [])
        tier = PriceTier(
            id=self.rng.uuid7_at(self.row.created_at),
            created_at=self.row.created_at,
            ticket_type_id=self.types[name].id,
            position=len(tiers),
            name=self.texts["tiers"][label],
            price=price * 100,
            currency=self.row.currency,
            until=until,
        )
        tiers.append(tier)
        self.dataset.event_rows.append(tier)

    def add_date(self, days: int, clock: str, minutes: int, **values: Any) -> "DemoDate":
        """Add a date so many days from today, at a time of the clocks there.

        One that is past has ended. `days` is never 0, so what is past does not depend on the hour.
        """
        zone = self.venue.time_zone if self.venue else self.vendor.row.time_zone
        today = self.dataset.now.astimezone(self.vendor.city.zone).date()
        start = datetime.combine(today + timedelta(days=days), datetime.min.time())
        hour, minute = map(int, clock.split(":"))
        local = start.replace(hour=hour, minute=minute)
        times = DateTimes.of(local, zone, minutes, field=["starts"])
        row = EventDate(
            id=self.rng.uuid7_at(self.row.created_at),
            created_at=self.row.created_at,
            event_id=self.row.id,
            vendor_id=self.row.vendor_id,
            venue_id=self.venue.id if self.venue else None,
            time_zone=zone,
            doors_at=times.starts_at - timedelta(minutes=30),
            state=EventDateState.ENDED if days < 0 else EventDateState.SCHEDULED,
            **times.model_dump(),
            **values,
        )
        day = DemoDate(self, row)
        self.dates.append(day)
        self.dataset.event_rows.append(row)
        return day


@dataclass(eq=False)
class DemoDate:
    """A date of an event, with its quotas by name."""

    programme: Programme
    row: EventDate
    quotas: dict[str, TicketQuota] = field(default_factory=dict)
    by_type: dict[str, list[TicketQuota]] = field(default_factory=dict)
    tickets: list[Ticket] = field(default_factory=list)
    free: dict[str, list[list[PlacedSeat]]] = field(default_factory=dict)  # in their rows, by type

    def add_quota(self, name: str, capacity: int, types: Sequence[str]) -> TicketQuota:
        """Add a quota that types are sold out of, with the name of the texts, if they have it."""
        programme = self.programme
        quota = TicketQuota(
            id=programme.rng.uuid7_at(self.row.created_at),
            created_at=self.row.created_at,
            event_date_id=self.row.id,
            name=programme.texts.get("quotas", {}).get(name, name),
            capacity=capacity,
        )
        self.quotas[name] = quota
        programme.dataset.event_rows.append(quota)
        for one in types:
            self.by_type.setdefault(one, []).append(quota)
            kind = programme.types[one]
            programme.dataset.event_rows.append(
                TypeQuota(ticket_type_id=kind.id, quota_id=quota.id)
            )
        return quota

    @property
    def sale(self) -> tuple[datetime, datetime]:
        """Return between which times tickets were sold until now."""
        last = min(self.programme.dataset.now - IDLE, self.row.starts_at)
        return last - SALE_DAYS, last


def add_event(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor,
    name: str,
    category: str,
    **values: Any,
) -> Programme:
    """Add a published event of the texts."""
    texts = TEXTS[name]
    created = dataset.now - AHEAD
    row = Event(
        id=rng.uuid7_at(created),
        created_at=created,
        vendor_id=vendor.row.id,
        category_id=dataset.categories[category].id,
        state=EventState.PUBLISHED,
        published_at=created + timedelta(hours=3),
        locale=vendor.row.locale,
        title=texts["title"],
        description=texts["description"],
        currency=vendor.row.currency,
        **vendor.row.model_dump(include=set(PLACE)),
        **values,
    )
    slug = slugify(row.title[row.locale])
    dataset.event_rows += [row, EventSlug(slug=slug, event_id=row.id, created_at=created)]
    programme = Programme(rng, dataset, vendor, row, texts)
    if "venue" in texts:
        programme.venue = _add_venue(rng, dataset, vendor, texts["venue"], created)
    _add_pictures(programme, slug)
    return programme


def _add_pictures(programme: Programme, slug: str) -> None:
    """Add pictures, the first of which is the cover."""
    rng, dataset, event = programme.rng, programme.dataset, programme.row
    for position, number in enumerate(rng.sample(range(HUES), PICTURES)):
        name, user_id = f"{slug}-{position + 1}.jpg", programme.vendor.member_ids[0]
        upload = add_file(rng, dataset, user_id, event.created_at, name, draw_cover(number))
        dataset.event_pictures.append(
            EventPicture(event_id=event.id, upload_id=upload.id, position=position, alt=event.title)
        )


def _add_venue(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor,
    texts: dict[str, str],
    created: datetime,
) -> Venue:
    row = vendor.row
    venue = Venue(
        id=rng.uuid7_at(created),
        created_at=created,
        vendor_id=row.id,
        name=texts["name"],
        street_lines=[texts["street"]],
        subdivision=row.subdivision,
        time_zone=row.time_zone,
        **row.model_dump(include=set(PLACE)),
    )
    dataset.event_rows.append(venue)
    return venue
