"""What a client sends, sound unless told otherwise."""

from typing import Any

from strawberry import UNSET

from models.vendors import Vendor
from tests.client import gid


def offer_input(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    """What `createOffer` needs at least, with changes; `UNSET` leaves a field out."""
    given = {
        "vendorId": gid(vendor),
        "title": texts(en="Two for one"),
        "discount": {"percent": 25},
        "startsAt": "2030-01-01T00:00:00Z",
        "endsAt": "2030-02-01T00:00:00+05:30",
    } | changes
    return {name: value for name, value in given.items() if value is not UNSET}


def texts(**by_locale: str) -> list[dict[str, str]]:
    return [{"locale": locale, "text": text} for locale, text in by_locale.items()]
