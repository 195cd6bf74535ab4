"""Text as it is searched."""

import unicodedata


def searchable(*texts: str) -> str:
    """Lower case, without accents, one space between words."""
    folded = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    plain = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
