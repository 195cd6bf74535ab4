"""Texts that mutations of taxes take."""

ONE_LINE = {"setTaxRate.source", "setTaxRate.region", "setTaxRegistration.region"}
CODES = {"setTaxRate.hsnPrefix", "setTaxRegistration.number"}
