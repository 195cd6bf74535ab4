"""Opening hours of vendors."""

from collections.abc import Sequence
from datetime import date, datetime, time

import strawberry

from core.clock import now
from dataloaders.vendors import (
    days_of_vendor,
    opening_of_vendor,
    own_membership,
    weekly_hours_of_vendor,
)
from engine.context import Info
from engine.permissions import visible_to_members
from engine.types import column, field, loaded
from models import vendors as rows
from models.members import Permission
from models.vendors.hours import (
    MAX_DAY_SPANS,
    MAX_DAYS_AHEAD,
    MAX_SPECIAL_DAYS,
    MAX_WEEKLY_SPANS,
    Opening,
    VendorDay,
    VendorHours,
    clock_time,
)
from services.vendors.access import may_do
from services.vendors.hours import list_holidays

MAX_HOLIDAYS = 60

Given = Sequence[VendorHours]
Days = Sequence[VendorDay]


@strawberry.type(description="A time of each week in which a vendor is open, in its time zone.")
class OpeningSpan:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start.")
    closes: time = column("The end. If it is not later than the start, it is on the next day.")


@strawberry.type(description="A time of one day in which a vendor is open, in its time zone.")
class DaySpan:
    opens: time = column("The start.")
    closes: time = column("The end. If it is not later than the start, it is on the next day.")


@strawberry.type(
    description="A day on which a vendor has other hours than usual. It takes precedence over"
    " public holidays."
)
class SpecialDay:
    day: date = column("The day.")
    name: str | None = column("The reason, in the vendor's words. Null if none is given.")
    spans: list[DaySpan] = strawberry.field(
        description="The times in which it is open. Closed if empty.",
        metadata={"size": MAX_DAY_SPANS},
    )


@strawberry.type(description="A public holiday where a vendor is.")
class PublicHoliday:
    day: date = column("The day.")
    name: str = column("The name, in the caller's language if it is known.")
    estimated: bool = column(
        "Whether the day is not certain yet, because it depends on the moon. The vendor does not"
        " close on it by itself: add a special day."
    )


@strawberry.input(description="A time of each week in which a vendor is open, in its time zone.")
class OpeningSpanInput:
    weekday: int = column("The day of the week, from 1 for Monday to 7 for Sunday.")
    opens: time = column("The start, in whole minutes.")
    closes: time = column(
        "The end, in whole minutes. If it is not later than the start, it is on the next day."
    )


@strawberry.input(description="A time of one day in which a vendor is open, in its time zone.")
class DaySpanInput:
    opens: time = column("The start, in whole minutes.")
    closes: time = column(
        "The end, in whole minutes. If it is not later than the start, it is on the next day."
    )


@strawberry.input(description="A day on which a vendor has other hours than usual.")
class SpecialDayInput:
    day: date = column(f"The day, not over and at most {MAX_DAYS_AHEAD} days ahead.")
    name: str | None = strawberry.field(
        default=None, description="The reason that customers read, at most 80 characters."
    )
    spans: list[DaySpanInput] = column(
        f"The times in which it is open, at most {MAX_DAY_SPANS}. Closed if empty."
    )


@strawberry.type
class HoursVendorFields:
    """A base of Vendor, not a type of the schema."""

    closes_on_holidays: bool = column(
        "Whether it closes on the public holidays of its country and subdivision."
    )

    @loaded(
        weekly_hours_of_vendor,
        by="id",
        description="The opening hours in the order of the week. Empty if the vendor has given"
        " none.",
        size=MAX_WEEKLY_SPANS,
        public=True,
    )
    def hours(root: strawberry.Parent[rows.Vendor], found: Given) -> list[OpeningSpan]:
        return [
            OpeningSpan(weekday=one.weekday, opens=one.opens, closes=one.closes) for one in found
        ]

    @loaded(
        days_of_vendor,
        by="id",
        description="The days with other hours than usual, in their order.",
        size=MAX_SPECIAL_DAYS,
        public=True,
    )
    def days(root: strawberry.Parent[rows.Vendor], found: Days) -> list[SpecialDay]:
        return [
            SpecialDay(
                day=one.day,
                name=one.name,
                spans=[
                    DaySpan(opens=clock_time(start), closes=clock_time(end))
                    for start, end in one.minutes
                ],
            )
            for one in found
        ]

    @loaded(
        opening_of_vendor,
        by="id",
        description="Whether the vendor is open at this time. Null if it has given no hours.",
        cost=1,
    )
    def open_now(root: strawberry.Parent[rows.Vendor], opening: Opening) -> bool | None:
        return opening.open_at(now())

    @loaded(
        opening_of_vendor,
        by="id",
        description="The time at which the vendor opens next. Null while it is open, and if it does"
        " not open in the next two weeks.",
        cost=1,
    )
    def opens_at(root: strawberry.Parent[rows.Vendor], opening: Opening) -> datetime | None:
        return opening.opens_after(now())

    @loaded(
        opening_of_vendor,
        by="id",
        description="The time at which the vendor closes. Null while it is closed, and if it stays"
        " open for more than a week.",
        cost=1,
    )
    def closes_at(root: strawberry.Parent[rows.Vendor], opening: Opening) -> datetime | None:
        return opening.closes_after(now())

    @visible_to_members(own_membership, may_do(Permission.EDIT_VENDOR), admins=True)
    @field(
        "The public holidays of the next year, also those that are estimated. Visible to its owners"
        " and managers, and admins.",
        needs=("id", "country", "subdivision", "time_zone"),
        cost=20,
        size=MAX_HOLIDAYS,
    )
    async def public_holidays(
        root: strawberry.Parent[rows.Vendor], info: Info
    ) -> list[PublicHoliday]:
        found = await list_holidays(root, next(iter(info.context.locales), "en"))
        return [PublicHoliday(**vars(one)) for one in found[:MAX_HOLIDAYS]]
