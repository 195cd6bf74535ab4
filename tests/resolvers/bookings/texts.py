"""Texts that mutations of services and bookings take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "addBusyFeed.address",
    "blockTime.reason",
    "closeDays.name",
    "saveCancellationPolicy.name",
    "saveResource.name",
    "saveService.name.text",
    "saveService.species",
}
PARAGRAPHS = {
    "cancelBooking.reason",
    "cancelBookingByLink.reason",
    "declineBooking.reason",
    "holdBooking.note",
    "saveService.description.text",
}
CODES = {
    "addBusyFeed.idempotencyKey",
    "blockTime.idempotencyKey",
    "cancelBooking.idempotencyKey",
    "cancelBookingByLink.token",
    "closeDays.idempotencyKey",
    "confirmAttendanceByLink.token",
    "holdBooking.idempotencyKey",
    "joinBookingWaitlist.idempotencyKey",
    "rescheduleBooking.idempotencyKey",
    "saveCancellationPolicy.idempotencyKey",
    "saveResource.idempotencyKey",
    "saveSchedule.idempotencyKey",
    "saveService.hsnCode",
    "saveService.idempotencyKey",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    key = {"vendorId": vendor, "idempotencyKey": "texts"}
    name = [{"locale": "en", "text": text}]
    price = {"amountMinor": 1, "currency": "INR"}
    service = key | {"name": name, "duration": 30, "price": price}
    days = {"fromDay": "2026-01-01", "untilDay": "2026-01-01"}
    return [
        TextCase("saveService", service, ["name", "0", "text"], "service { name }"),
        TextCase(
            "saveResource", key | {"kind": "ROOM", "name": text}, ["name"], "resource { name }"
        ),
        TextCase(
            "saveCancellationPolicy",
            key | {"name": text},
            ["name"],
            "cancellationPolicy { name }",
        ),
        TextCase("closeDays", key | days | {"name": text}, ["name"]),
    ]
