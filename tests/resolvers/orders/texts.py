"""Texts that mutations of orders take."""

ONE_LINE = {"cancelOrder.reason"}
CODES = {"cancelOrder.idempotencyKey", "placeOrder.idempotencyKey"}
