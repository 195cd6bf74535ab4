"""The answers of feeds: the calendar, and a tag of its content, which is known before."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.writing import CalendarEntry, write_feed
from core.calendars.zone_rules import zone_rules_version
from core.clock import now
from core.errors import UserMessage
from core.security.sealed import Sealer
from models.bookings.feeds import CalendarFeed, FeedScope
from models.bookings.setting_up.resources import Resource
from models.vendors import Vendor
from services.bookings.calendars.entries import read_entries
from services.i18n import translate

FORMAT = 1  # raise it when the same entries are written in another way
MAX_AGE = timedelta(minutes=5)


@dataclass(frozen=True)
class FeedAnswer:
    """The content of a calendar, to be written in a thread. `etag` is known before."""

    name: str
    time_zone: str
    entries: tuple[CalendarEntry, ...]

    @property
    def etag(self) -> str:
        made_of = (FORMAT, zone_rules_version(), self.name, self.time_zone, self.entries)
        return f'"{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}"'

    def write(self) -> bytes:
        return write_feed(self.entries, name=self.name, time_zone=self.time_zone)


async def read_answer(session: AsyncSession, sealer: Sealer, feed: CalendarFeed) -> FeedAnswer:
    content = await read_entries(session, sealer, feed, now())
    name = translate(UserMessage("My bookings"), content.locales)
    if feed.scope is FeedScope.RESOURCE:
        name = (await session.get_one(Resource, feed.resource_id)).name
    elif feed.scope is FeedScope.VENDOR:
        name = (await session.get_one(Vendor, feed.vendor_id)).name
    return FeedAnswer(name, content.time_zone, tuple(content.entries))
