"""Texts that mutations of vendors take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "createVendor.address.city",
    "createVendor.address.streetLines",
    "createVendor.address.subdivision",
    "createVendor.name",
    "updateVendor.address.city",
    "updateVendor.address.streetLines",
    "updateVendor.address.subdivision",
    "updateVendor.cover.alt.text",
    "updateVendor.days.name",
    "updateVendor.gallery.alt.text",
    "updateVendor.logo.alt.text",
    "updateVendor.seoText.text",
    "updateVendor.seoTitle.text",
}
PARAGRAPHS = {
    "createVendor.description.text",
    "suspendVendor.reason",
    "updateVendor.description.text",
}
CODES = {
    "createVendor.address.postalCode",
    "createVendor.idempotencyKey",
    "updateVendor.address.postalCode",
    "updateVendor.slug",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    address = {"streetLines": ["1 Lane"], "city": text, "postalCode": "560001"}
    given = {"vendorId": vendor, "address": address}
    return [TextCase("updateVendor", given, ["address", "city"])]
