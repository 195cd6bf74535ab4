"""Jobs of bookings, of calendars elsewhere, and of changes of time zones."""
