"""Sentence patterns for offers and vendors, by language."""

from dataclasses import dataclass

from demo.toml_data import load


@dataclass(frozen=True)
class OfferPhrases:
    """Format strings of one language. Equal positions mean the same in every language."""

    percent: str
    amount: str
    buy_get: str
    free_item: str
    about: str
    moments: list[str]
    openings: list[str]
    uses: list[str]
    terms: list[str]


PHRASES = {locale: OfferPhrases(**phrases) for locale, phrases in load("offer_phrases").items()}


def capitalize_first(text: str) -> str:
    """Capitalize the first letter. `str.capitalize` would also lowercase the rest."""
    return text[:1].upper() + text[1:]
