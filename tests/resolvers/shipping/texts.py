"""Texts that mutations of delivery zones take."""

ONE_LINE = {"setShippingZones.zones.name", "setShippingZones.zones.rates.name"}
CODES = {"setShippingZones.zones.pinPrefixes"}
