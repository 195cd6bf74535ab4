"""Inputs of mutations of bookings."""

from datetime import datetime
from typing import Any

from core.ids import new_id
from models.bookings.bookings import Booking
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.services import Service
from tests.client import gid

BOOKING = "booking { id bookingState revision startsAt endsAt expiresAt }"


def keyed() -> dict[str, Any]:
    return {"idempotencyKey": str(new_id())}


def hold_input(
    service: Service, starts_at: datetime, staff: Resource | None = None, **values: Any
) -> dict[str, Any]:
    input = {"serviceId": gid(service), "startsAt": starts_at.isoformat(), **keyed(), **values}
    return input if staff is None else {"staffId": gid(staff), **input}


def move_input(
    booking: Booking, starts_at: datetime, staff: Resource | None = None, **values: Any
) -> dict[str, Any]:
    input = {
        "bookingId": gid(booking),
        "revision": booking.revision,
        "startsAt": starts_at.isoformat(),
        **keyed(),
        **values,
    }
    return input if staff is None else {"staffId": gid(staff), **input}


def cancel_input(booking: Booking, **values: Any) -> dict[str, Any]:
    return {"bookingId": gid(booking), **keyed(), **values}
