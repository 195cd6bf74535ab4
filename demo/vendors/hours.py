"""Seeds opening hours, special days, and the times in which vendors are open."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from core.countries.public_holidays import holidays_of
from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.vendors.hours import OPEN_DAYS, Calendar, Minutes, VendorDay, VendorHours, VendorOpen

UNKNOWN_SHARE, HOLIDAY_SHARE = 0.1, 0.5
HOUR = 60
Week = Mapping[int, Sequence[Minutes]]

DAY, MORNING, LUNCH = Minutes(9 * HOUR, 20 * HOUR), Minutes(9 * HOUR, 13 * HOUR), Minutes(720, 900)
AFTERNOON, EVENING = Minutes(15 * HOUR, 19 * HOUR), Minutes(17 * HOUR, 23 * HOUR)
NIGHT = Minutes(20 * HOUR, 26 * HOUR + 30)  # until half past two on the next day
WEEKS: tuple[Week, ...] = (
    {weekday: [DAY] for weekday in range(1, 8)},
    {weekday: [MORNING, AFTERNOON] for weekday in range(1, 6)} | {6: [MORNING]},
    {weekday: [LUNCH, EVENING] for weekday in range(2, 8)},
    {weekday: [LUNCH, EVENING] for weekday in range(1, 5)} | {5: [LUNCH, NIGHT], 6: [NIGHT]},
    {weekday: [Minutes(0, 24 * HOUR)] for weekday in range(1, 8)},
)
CAFE_WEEK = {weekday: [Minutes(7 * HOUR, 22 * HOUR)] for weekday in range(1, 8)}
CAFE_CLOSED_IN = 5  # days


def seed_hours(rng: SeededRandom, dataset: Dataset) -> None:
    for vendor in dataset.vendors:
        week, unknown = rng.choice(WEEKS), rng.chance(UNKNOWN_SHARE)
        closes = rng.chance(HOLIDAY_SHARE)
        if vendor.row.name == CAFE["name"]:
            add_hours(rng, dataset, vendor, CAFE_WEEK, closes=True)
        elif not unknown:
            add_hours(rng, dataset, vendor, week, closes=closes)


def add_hours(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, week: Week, *, closes: bool
) -> None:
    since, row = vendor.row.created_at, vendor.row
    row.closes_on_holidays = closes
    dataset.hours += [
        VendorHours(
            id=rng.uuid7_at(since),
            created_at=since,
            vendor_id=row.id,
            weekday=weekday,
            from_minute=start,
            until_minute=end,
        )
        for weekday, spans in week.items()
        for start, end in spans
    ]
    special = _special_days(dataset, vendor)
    dataset.special_days += special
    days = {one.day: one.minutes for one in special}
    holidays = _holidays(dataset, vendor) if closes else set()
    calendar = Calendar(vendor.city.zone, week, days, holidays)
    dataset.open_times += [
        VendorOpen(vendor_id=row.id, starts_at=start, ends_at=end)
        for start, end in calendar.open_from(dataset.now)
    ]


def _special_days(dataset: Dataset, vendor: DemoVendor) -> list[VendorDay]:
    """Return a day on which the café is closed."""
    if vendor.row.name != CAFE["name"]:
        return []
    day = dataset.now.astimezone(vendor.city.zone).date() + timedelta(days=CAFE_CLOSED_IN)
    return [VendorDay(vendor_id=vendor.row.id, day=day, name="Staff outing", spans=[])]


def _holidays(dataset: Dataset, vendor: DemoVendor) -> set[date]:
    region = vendor.row.country, vendor.row.subdivision
    years = range(dataset.now.year, (dataset.now + timedelta(days=OPEN_DAYS + 2)).year + 1)
    found = (one for year in years for one in holidays_of(*region, year))
    return {one.day for one in found if not one.estimated}
