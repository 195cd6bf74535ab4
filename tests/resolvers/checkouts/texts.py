"""Texts that mutations of checkouts take."""

ONE_LINE = {
    f"setCheckoutAddress.{side}.address.{field}"
    for side in ("shipTo", "billTo")
    for field in (
        "city",
        "company",
        "instructions",
        "recipient",
        "streetLines",
        "subdivision",
    )
}
CODES = {
    "applyPromoCode.code",
    "setCheckoutAddress.buyerTaxId",
    "setCheckoutAddress.shipTo.address.postalCode",
    "setCheckoutAddress.billTo.address.postalCode",
}
