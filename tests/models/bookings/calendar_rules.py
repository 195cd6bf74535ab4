"""The constraints on reminders, and on bookings that shift with their time zones."""

from tests.models.bookings.setup_rules import enums
from tests.models.sql import Rule, change, copy

REMINDERS, SHIFT = "reminder_rule", "booking_shift"

RULES: list[Rule] = [
    ("booking_coming_revision_check", change("booking", "coming_revision = revision + 1")),
    ("booking_coming_revision_check", change("booking", "coming_revision = -1")),
    ("reminder_rule_minutes_check", change(REMINDERS, "minutes = '{15,30,45,60,75}'")),
    ("reminder_rule_minutes_check", change(REMINDERS, "minutes = '{14}'")),
    ("reminder_rule_minutes_check", change(REMINDERS, "minutes = '{20161}'")),
    ("reminder_rule_of_key", copy(REMINDERS)),
    ("zone_rules_version_key", copy("zone_rules")),
    *enums(SHIFT, outcome="shiftoutcome"),
    ("booking_shift_starts_at_check", change(SHIFT, "starts_at = from_starts_at")),
    ("booking_shift_booking_id_version_key", copy(SHIFT)),
]
