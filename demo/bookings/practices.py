"""Adds what a vendor needs to be booked: staff, rooms, equipment, services and their terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.text.search_text import searchable
from core.wall import instant
from demo.bookings.vendors import Week
from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from models.bookings.bookings import Booking
from models.bookings.intake import BookingAnswer, ServiceQuestion
from models.bookings.setting_up.policies import CancellationPolicy
from models.bookings.setting_up.reminders import ReminderRule
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.schedules import Closure, DayOverride, Schedule
from models.bookings.setting_up.services import Service, ServiceNeed, ServiceResource, ServiceState
from models.questions import AnswerValue, QuestionKind


@dataclass(eq=False)
class Practice:
    """A vendor that is booked. Resources, services and policies have a name each."""

    rng: SeededRandom
    dataset: Dataset
    vendor: DemoVendor
    texts: Mapping[str, Any]
    resources: dict[str, Resource] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    policies: dict[str, CancellationPolicy] = field(default_factory=dict)
    prices: dict[tuple[str, str], int] = field(default_factory=dict)  # of staff, by service
    weeks: dict[str, Week] = field(default_factory=dict)  # of the resources
    closed: set[date] = field(default_factory=set)
    bookings: list[Booking] = field(default_factory=list)
    questions: dict[str, ServiceQuestion] = field(default_factory=dict)
    answers: list[tuple[BookingAnswer, AnswerValue]] = field(default_factory=list)
    guests: list[tuple[Booking, str]] = field(default_factory=list)  # with their names

    def add_policy(
        self, name: str, tiers: Sequence[tuple[int, int]], **values: Any
    ) -> CancellationPolicy:
        """Add terms of cancelling. Tiers are hours before the start, with basis points."""
        policy = CancellationPolicy(
            **self._made(),
            vendor_id=self.vendor.row.id,
            name=name,
            tiers=[[hours * 60, bps] for hours, bps in tiers],
            **values,
        )
        self.policies[name] = policy
        self.dataset.booking_rows.append(policy)
        return policy

    def add_resource(
        self,
        name: str,
        week: Week,
        kind: ResourceKind = ResourceKind.STAFF,
        **values: Any,
    ) -> Resource:
        """Add a resource that works each week at these times, in the vendor's zone by default."""
        given: dict[str, Any] = {"time_zone": self.vendor.row.time_zone} | values
        resource = Resource(
            **self._made(),
            vendor_id=self.vendor.row.id,
            kind=kind,
            name=name,
            position=len(self.resources),
            **given,
        )
        schedule = Schedule(
            **self._made(),
            resource_id=resource.id,
            from_day=self.vendor.row.created_at.date(),
            spans=[[day, *span] for day, spans in week.items() for span in spans],
        )
        self.resources[name], self.weeks[name] = resource, week
        self.dataset.booking_rows += [resource, schedule]
        return resource

    def add_service(
        self,
        name: str,
        duration: int,
        price: int,
        providers: Sequence[str],
        **values: Any,
    ) -> Service:
        """Add an active service, whose price is in whole units of the currency.

        It takes one of these resources of each of their kinds.
        """
        texts, row = self.texts["services"][name], self.vendor.row
        service = Service(
            **self._made(),
            vendor_id=row.id,
            state=ServiceState.ACTIVE,
            position=len(self.services),
            locale=row.locale,
            name=texts["name"],
            description=texts["text"],
            currency=row.currency,
            duration=duration,
            price=price * 100,
            search_text=searchable(*texts["name"].values()),
            **values,
        )
        used = [self.resources[one] for one in providers]
        kinds = dict.fromkeys(one.kind for one in used)
        self.services[name] = service
        self.dataset.booking_rows += [
            service,
            *(ServiceNeed(service_id=service.id, kind=kind) for kind in kinds),
            *(
                ServiceResource(
                    service_id=service.id,
                    resource_id=one.id,
                    price=self.prices.get((name, one.name)),
                )
                for one in used
            ),
        ]
        return service

    def ask(self, name: str, service: str, kind: QuestionKind, *, required: bool = False) -> None:
        """Add a question of the texts to those who book a service."""
        question = ServiceQuestion(
            **self._made(),
            service_id=self.services[service].id,
            kind=kind,
            locale=self.vendor.row.locale,
            prompt=self.texts["questions"][name],
            required=required,
        )
        self.questions[name] = question
        self.dataset.booking_rows.append(question)

    def answer(self, name: str, booking: Booking, value: AnswerValue) -> None:
        """Add the answer of a customer, which is sealed before it is stored."""
        answer = BookingAnswer(
            id=self.rng.uuid7_at(booking.created_at),
            created_at=booking.created_at,
            booking_id=booking.id,
            question_id=self.questions[name].id,
        )
        self.answers.append((answer, value))
        self.dataset.booking_rows.append(answer)

    def remind(self, *minutes: int) -> None:
        """Choose when customers are reminded. Without any time, they are not."""
        rule = ReminderRule(**self._made(), vendor_id=self.vendor.row.id, minutes=list(minutes))
        self.dataset.booking_rows.append(rule)

    def close(self, name: str, ahead: int, days: int = 1) -> None:
        """Close for days from so many days ahead."""
        first = self.today() + timedelta(days=ahead)
        last = first + timedelta(days=days - 1)
        self.closed |= {first + timedelta(days=number) for number in range(days)}
        self.dataset.booking_rows.append(
            Closure(
                **self._made(),
                vendor_id=self.vendor.row.id,
                from_day=first,
                until_day=last,
                name=name,
            )
        )

    def override(self, name: str, day: date, *spans: tuple[int, int]) -> None:
        """Let a resource work at other times on a day, or not at all."""
        self.dataset.booking_rows.append(
            DayOverride(
                **self._made(),
                resource_id=self.resources[name].id,
                day=day,
                spans=[list(span) for span in spans],
            )
        )

    def today(self, zone: str | None = None) -> date:
        return self.dataset.now.astimezone(ZoneInfo(zone or self.vendor.row.time_zone)).date()

    def work_day(self, name: str, number: int) -> date:
        """Return the day so many working days of a resource from today, 0 being today."""
        day, step = self.today(self.resources[name].time_zone), timedelta(days=1)
        for _ in range(abs(number)):
            day += step if number > 0 else -step
            while day in self.closed or day.isoweekday() not in self.weeks[name]:
                day += step if number > 0 else -step
        return day

    def at(self, name: str, day: date, clock: str) -> datetime:
        """Return the instant of a time that clocks at a resource show. Clocks never skip it."""
        hour, minute = map(int, clock.split(":"))
        local = datetime(day.year, day.month, day.day, hour, minute)
        moment = instant(local, self.resources[name].time_zone)
        assert moment is not None  # noqa: S101 - clocks change at night
        return moment

    def _made(self) -> dict[str, Any]:
        """Return the id and the time of a row that was made soon after the vendor."""
        created = self.vendor.row.created_at + timedelta(hours=2)
        return {"id": self.rng.uuid7_at(created), "created_at": created}
