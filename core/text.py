"""Text as it is searched, and whether there is any to be seen."""

import unicodedata

UNSEEN = {"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"}  # by themselves: controls, marks, spaces
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")  # Unicode has these as letters and symbols


def legible(text: str) -> str:
    """The text, or none if nothing of it can be seen."""
    seen = any(c not in BLANK and unicodedata.category(c) not in UNSEEN for c in text)
    return text if seen else ""


def searchable(*texts: str) -> str:
    """Lower case, without accents, one space between words."""
    folded = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    plain = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
