"""Texts that mutations of devices take."""

CODES = {
    "registerDevice.token",
}
