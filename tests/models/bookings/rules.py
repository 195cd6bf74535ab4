"""The database constraints on bookings, with SQL that violates each of them."""

from tests.models.bookings import booking_rules, calendar_rules, intake_rules, setup_rules

RULES = [
    *setup_rules.RULES,
    *booking_rules.RULES,
    *intake_rules.RULES,
    *calendar_rules.RULES,
]
WITH = booking_rules.WITH
COPIED = booking_rules.COPIED
