"""Texts of terms of offers that need no type of models/text.py."""

COPY = "copied from the offer, whose text is checked"
UNTYPED = {"OfferTerms.currency": COPY, "OfferTerms.locale": COPY}
