"""Bookings whose instants change with the rules of their time zones."""
