"""Texts of offers that need no type of models/text.py."""

CHECKED = "only listed values pass"
COPY = "copied from the offer, whose text is checked"
DERIVED = "made by the server of other columns"
UNTYPED = {
    "OfferTerms.currency": COPY,
    "OfferTerms.locale": COPY,
    "City.country": CHECKED,
    "City.key": DERIVED,
    "City.name": DERIVED,
    "ListedOffer.country": DERIVED,
    "ListedOffer.words": DERIVED,
    "ListedPin.pin": DERIVED,
    "ListingCount.kind": DERIVED,
    "StoredSuggestion.key": DERIVED,
    "StoredSuggestion.name": DERIVED,
    "Term.word": DERIVED,
    "Term.latin": DERIVED,
    "Term.loose": DERIVED,
    "TermChange.added": DERIVED,
    "TermChange.removed": DERIVED,
    "Offer.country": CHECKED,
    "Offer.currency": CHECKED,
    "Offer.locale": CHECKED,
    "Offer.position": DERIVED,
    "Offer.search_text": DERIVED,
}
