"""Inputs of mutations of events, each with a new key."""

from typing import Any

from models.events.dates import EventDate
from models.events.events import Event
from models.events.ticket_types import TicketType
from models.vendors import Vendor
from tests.client import gid
from tests.factories.base import NUMBERS
from tests.factories.offers import texts


def keyed(**values: Any) -> dict[str, Any]:
    return {"idempotencyKey": f"key-{next(NUMBERS)}"} | values


def venue_input(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    address = {
        "streetLines": ["1 Palace Road"],
        "city": "Mysuru",
        "postalCode": "570001",
        "subdivision": "Karnataka",
    }
    place = {"address": address, "latitude": 12.3, "longitude": 76.6}
    return keyed(vendorId=gid(vendor), name="Palace Hall", **place) | changes


def event_input(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    return keyed(vendorId=gid(vendor), title=texts(en="Evening Raga")) | changes


def dates_input(event: Event, **changes: Any) -> dict[str, Any]:
    return keyed(eventId=gid(event), starts=["2030-05-31T19:30"], minutes=120) | changes


def type_input(event: Event, **changes: Any) -> dict[str, Any]:
    price = {"amountMinor": 500_00, "currency": "INR"}
    return keyed(eventId=gid(event), name=texts(en="Standing"), price=price) | changes


def hold_input(date: EventDate, *lines: tuple[TicketType, int], **changes: Any) -> dict[str, Any]:
    """Return the input of `holdTickets`, of so many units of types."""
    wanted = [{"ticketTypeId": gid(one), "quantity": quantity} for one, quantity in lines]
    return keyed(eventDateId=gid(date), lines=wanted) | changes
