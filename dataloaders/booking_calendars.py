"""Loaders of calendar feeds and busy feeds."""

from engine.loaders import visible
from models.bookings.feeds import BusyFeed, CalendarFeed
from services.bookings.busy_feeds.managing import visible_busy_feeds
from services.bookings.calendars.feeds import visible_calendar_feeds

visible_calendar_feed = visible(CalendarFeed, visible_calendar_feeds)
visible_busy_feed = visible(BusyFeed, visible_busy_feeds)
