"""Normalizes text for search, and detects text without visible characters."""

import unicodedata

INVISIBLE = {"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"}  # categories: controls, marks, spaces
BLANK = set(
    "\u115f\u1160\u2800\u3164\uffa0"
)  # invisible, though Unicode classifies them as letters and symbols


def legible(text: str) -> str:
    """Return the text, or an empty string if no character is visible."""
    visible = any(c not in BLANK and unicodedata.category(c) not in INVISIBLE for c in text)
    return text if visible else ""


def searchable(*texts: str) -> str:
    """Return lower case without accents, with single spaces."""
    folded = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    plain = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
