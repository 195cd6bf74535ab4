"""Scopes of API tokens: a domain to read or to write."""

from collections.abc import Collection, Mapping
from enum import StrEnum


class ApiScope(StrEnum):
    """A right of an API token. A domain without a scope is not available to API tokens.

    READ and WRITE are of tokens that were created before domains had scopes of their own.
    """

    READ = "READ"
    WRITE = "WRITE"
    BOOKINGS_READ = "BOOKINGS_READ"
    BOOKINGS_WRITE = "BOOKINGS_WRITE"
    CATALOG_READ = "CATALOG_READ"
    CATALOG_WRITE = "CATALOG_WRITE"
    CATEGORIES_READ = "CATEGORIES_READ"
    CHAT_READ = "CHAT_READ"
    CHAT_WRITE = "CHAT_WRITE"
    EVENTS_READ = "EVENTS_READ"
    EVENTS_WRITE = "EVENTS_WRITE"
    IDENTITY_READ = "IDENTITY_READ"
    MEMBERS_READ = "MEMBERS_READ"
    NOTIFICATIONS_READ = "NOTIFICATIONS_READ"
    NOTIFICATIONS_WRITE = "NOTIFICATIONS_WRITE"
    OFFERS_READ = "OFFERS_READ"
    OFFERS_WRITE = "OFFERS_WRITE"
    ORDERS_READ = "ORDERS_READ"
    ORDERS_WRITE = "ORDERS_WRITE"
    PAYMENTS_READ = "PAYMENTS_READ"
    PETS_READ = "PETS_READ"
    PETS_WRITE = "PETS_WRITE"
    PROMOS_READ = "PROMOS_READ"
    PROMOS_WRITE = "PROMOS_WRITE"
    REDEMPTIONS_READ = "REDEMPTIONS_READ"
    REDEMPTIONS_WRITE = "REDEMPTIONS_WRITE"
    SHIPMENTS_READ = "SHIPMENTS_READ"
    SHIPMENTS_WRITE = "SHIPMENTS_WRITE"
    SHIPPING_READ = "SHIPPING_READ"
    SHIPPING_WRITE = "SHIPPING_WRITE"
    STOCK_READ = "STOCK_READ"
    STOCK_WRITE = "STOCK_WRITE"
    UPLOADS_READ = "UPLOADS_READ"
    UPLOADS_WRITE = "UPLOADS_WRITE"
    VENDORS_READ = "VENDORS_READ"
    VENDORS_WRITE = "VENDORS_WRITE"


# The scopes of READ and WRITE: all but those of the account. Their tokens do not get later ones.
GRANTED: Mapping[ApiScope, frozenset[ApiScope]] = {
    ApiScope.READ: frozenset(
        {
            ApiScope.CATEGORIES_READ,
            ApiScope.CHAT_READ,
            ApiScope.MEMBERS_READ,
            ApiScope.NOTIFICATIONS_READ,
            ApiScope.OFFERS_READ,
            ApiScope.REDEMPTIONS_READ,
            ApiScope.UPLOADS_READ,
            ApiScope.VENDORS_READ,
        }
    ),
    ApiScope.WRITE: frozenset(
        {
            ApiScope.CHAT_WRITE,
            ApiScope.NOTIFICATIONS_WRITE,
            ApiScope.OFFERS_WRITE,
            ApiScope.REDEMPTIONS_WRITE,
            ApiScope.UPLOADS_WRITE,
            ApiScope.VENDORS_WRITE,
        }
    ),
}
DEFAULT_SCOPES = frozenset(
    {ApiScope.CATEGORIES_READ, ApiScope.OFFERS_READ, ApiScope.VENDORS_READ}
)  # what is public


def find_scope(domain: str, *, write: bool) -> ApiScope | None:
    """Return the scope that a domain needs; None if API tokens have no access to it."""
    return ApiScope.__members__.get(f"{domain.upper()}_{'WRITE' if write else 'READ'}")


def granted_by(scopes: Collection[ApiScope]) -> frozenset[ApiScope]:
    """Return the scopes of domains that the scopes of a token grant."""
    return frozenset[ApiScope]().union(*(GRANTED.get(one, {one}) for one in scopes))
