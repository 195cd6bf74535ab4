"""The database constraints on daily quotas, with SQL that violates each of them."""

from tests.models.sql import change

RULES = [
    ("daily_use_used_check", change("daily_use", "used = 0")),
]
