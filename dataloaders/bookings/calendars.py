"""Loaders of calendar feeds, busy feeds, and bookings that shift with their time zones."""

from engine.loaders import visible
from models.bookings.feeds import BusyFeed, CalendarFeed
from models.bookings.time_shifts import BookingShift
from services.bookings.busy_feeds.managing import visible_busy_feeds
from services.bookings.calendars.feeds import visible_calendar_feeds
from services.bookings.time_shifts.settling import visible_shifts

visible_calendar_feed = visible(CalendarFeed, visible_calendar_feeds)
visible_busy_feed = visible(BusyFeed, visible_busy_feeds)
visible_shift = visible(BookingShift, visible_shifts)
