"""Texts that mutations of offers take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "createOffer.discount.freeItem.text",
    "createOffer.pictures.alt.text",
    "createOffer.title.text",
    "setOfferRules.rules.branches.name",
    "setOfferRules.rules.stacking.group",
    "updateOffer.discount.freeItem.text",
    "updateOffer.pictures.alt.text",
    "updateOffer.title.text",
}
PARAGRAPHS = {
    "createOffer.description.text",
    "createOffer.terms.text",
    "updateOffer.description.text",
    "updateOffer.terms.text",
}
CODES = {
    "claimOffer.idempotencyKey",
    "createOffer.idempotencyKey",
    "duplicateOffer.idempotencyKey",
    "importOffers.idempotencyKey",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    offer = {
        "vendorId": vendor,
        "title": [{"locale": "en", "text": text}],
        "discount": {"percent": 10},
        "startsAt": "2030-01-01T00:00:00Z",
        "endsAt": "2031-01-01T00:00:00Z",
    }
    return [TextCase("createOffer", offer, ["title", "0", "text"], "offer { title }")]
