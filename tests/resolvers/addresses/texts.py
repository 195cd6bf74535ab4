"""Texts that mutations of address books take."""

_NAMED = {
    f"{mutation}.{field}"
    for mutation in ("createAddress", "updateAddress")
    for field in (
        "city",
        "company",
        "instructions",
        "label",
        "recipient",
        "streetLines",
        "subdivision",
    )
}
ONE_LINE = _NAMED
CODES = {"createAddress.idempotencyKey", "createAddress.postalCode", "updateAddress.postalCode"}
