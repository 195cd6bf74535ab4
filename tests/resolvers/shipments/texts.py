"""Texts that mutations of shipments take."""

ONE_LINE = {"createShipment.carrier", "updateShipment.carrier", "addTrackingEvent.place"}
CODES = {
    "createShipment.idempotencyKey",
    "createShipment.trackingNumber",
    "updateShipment.trackingNumber",
}
