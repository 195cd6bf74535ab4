"""Bookings for calendars elsewhere: feeds, and files of mails."""
