"""Texts that mutations of services and bookings take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "addBusyFeed.address",
    "blockTime.reason",
    "bookAtDesk.customer.guest.name",
    "closeDays.name",
    "createDisplay.name",
    "saveCancellationPolicy.name",
    "saveResource.name",
    "saveService.name.text",
    "saveService.species",
}
PARAGRAPHS = {
    "bookAtDesk.note",
    "bookSeries.note",
    "cancelBooking.reason",
    "cancelBookingByLink.reason",
    "cancelSeries.reason",
    "cancelVisit.reason",
    "declineBooking.reason",
    "holdBooking.note",
    "holdVisit.times.note",
    "saveService.description.text",
}
CODES = {
    "addBusyFeed.idempotencyKey",
    "blockTime.idempotencyKey",
    "bookAtDesk.customer.guest.email",
    "bookAtDesk.customer.guest.phone",
    "bookAtDesk.idempotencyKey",
    "bookOccurrence.idempotencyKey",
    "bookSeries.idempotencyKey",
    "cancelBooking.idempotencyKey",
    "cancelBookingByLink.token",
    "cancelSeries.idempotencyKey",
    "cancelVisit.idempotencyKey",
    "closeDays.idempotencyKey",
    "confirmAttendanceByLink.token",
    "holdBooking.idempotencyKey",
    "holdVisit.idempotencyKey",
    "joinBookingWaitlist.idempotencyKey",
    "recordVisitPayment.idempotencyKey",
    "rescheduleBooking.idempotencyKey",
    "rescheduleVisit.idempotencyKey",
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
