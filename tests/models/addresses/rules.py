"""The database constraints on saved addresses, with SQL that violates each of them."""

from tests.models.sql import change, copy

ADDRESS = "saved_address"

RULES = [
    ("saved_address_country_check", change(ADDRESS, "country = 'in'")),
    ("saved_address_country_check", change(ADDRESS, "country = 'I'")),
    ("saved_address_default_key", copy(ADDRESS)),
]
PASSING = [copy(ADDRESS, is_default=False)]
