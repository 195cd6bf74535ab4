"""Texts that mutations of events and tickets take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "addEventDates.quotas.name",
    "blockSeats.reason",
    "createEvent.title.text",
    "createCheckInList.name",
    "createGate.name",
    "createQuota.name",
    "createTicketType.name.text",
    "createTicketType.tiers.name",
    "createVenue.address.city",
    "createVenue.address.streetLines",
    "createVenue.address.subdivision",
    "createVenue.name",
    "cancelTicket.reason",
    "nameAttendee.name",
    "saveChart.name",
    "registerScanner.name",
    "renameGate.name",
    "updateCheckInList.name",
    "updateEvent.title.text",
    "updateQuota.name",
    "updateTicketType.name.text",
    "updateTicketType.tiers.name",
    "updateVenue.address.city",
    "updateVenue.address.streetLines",
    "updateVenue.address.subdivision",
    "updateVenue.name",
    "voidScan.reason",
}
PARAGRAPHS = {
    "createEvent.description.text",
    "createTicketType.description.text",
    "updateEvent.description.text",
    "updateTicketType.description.text",
}
CODES = {
    "addEventDates.idempotencyKey",
    "acceptTransfer.idempotencyKey",
    "acceptTransfer.transfer.code",
    "cancelTicket.idempotencyKey",
    "declineTransfer.transfer.code",
    "transferTicket.idempotencyKey",
    "transferTicket.to.email",
    "changeHold.code",
    "checkIn.code",
    "checkIn.scanId",
    "checkIn.scannerKey",
    "checkIn.token",
    "createCheckInList.idempotencyKey",
    "createGate.idempotencyKey",
    "changeHold.idempotencyKey",
    "createEvent.idempotencyKey",
    "createQuota.idempotencyKey",
    "createSaleQueue.idempotencyKey",
    "createTicketType.hsnCode",
    "createTicketType.idempotencyKey",
    "createVenue.address.postalCode",
    "createVenue.idempotencyKey",
    "holdTickets.admission",
    "holdTickets.code",
    "holdTickets.idempotencyKey",
    "saveChart.content",
    "saveChart.idempotencyKey",
    "registerScanner.publicKey",
    "syncScans.scannerKey",
    "syncScans.scans.code",
    "syncScans.scans.scanId",
    "syncScans.scans.token",
    "joinWaitlist.idempotencyKey",
    "updateEvent.slug",
    "updateTicketType.hsnCode",
    "updateVenue.address.postalCode",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    title = [{"locale": "en", "text": text}]
    event = {"vendorId": vendor, "title": title, "idempotencyKey": "texts"}
    return [TextCase("createEvent", event, ["title", "0", "text"], "event { title }")]
