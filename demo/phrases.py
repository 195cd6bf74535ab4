"""How a language speaks of an offer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Texts with gaps. Those at the same place of two languages say the same."""

    percent: str
    amount: str
    buy_get: str
    free_item: str
    about: str
    moments: tuple[str, ...]
    openings: tuple[str, ...]
    uses: tuple[str, ...]
    terms: tuple[str, ...]


def capitalized(text: str) -> str:
    """Unlike `str.capitalize`, it leaves the rest as it is."""
    return text[:1].upper() + text[1:]
