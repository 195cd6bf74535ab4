"""Texts that mutations of applications take."""

ONE_LINE = {
    "applyAsVendor.address.city",
    "applyAsVendor.address.streetLines",
    "applyAsVendor.address.subdivision",
    "applyAsVendor.name",
    "resubmitApplication.address.city",
    "resubmitApplication.address.streetLines",
    "resubmitApplication.address.subdivision",
    "resubmitApplication.name",
}
PARAGRAPHS = {
    "applyAsVendor.description.text",
    "rejectVendor.reason",
    "requestVendorChanges.reason",
}
CODES = {
    "applyAsVendor.address.postalCode",
    "applyAsVendor.idempotencyKey",
    "applyAsVendor.taxId",
    "resubmitApplication.address.postalCode",
    "resubmitApplication.taxId",
}
