"""Texts that mutations of stock take."""

ONE_LINE = {"countStock.note", "receiveStock.note", "writeOffStock.note"}
CODES = {
    "countStock.idempotencyKey",
    "receiveStock.idempotencyKey",
    "writeOffStock.idempotencyKey",
}
