"""Slugs: names in the addresses of pages, of lower-case Latin letters, digits and hyphens."""

import re

from core.text.search_text import folded

MIN_SLUG_LENGTH, MAX_SLUG_LENGTH = 3, 60
SLUG_PATTERN = "[a-z0-9]+(-[a-z0-9]+)*"


def slugify(text: str, length: int = MAX_SLUG_LENGTH) -> str:
    """Return a text as a slug of at most this length, cut after a word if it has several.

    Letters of other scripts than Latin are left out, so the slug can be empty.
    """
    plain = folded(text).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(slug) <= length:
        return slug
    cut = slug[: length + 1].rpartition("-")[0]
    return cut or slug[:length]


def slugs_for(name: str, city: str, unique: str) -> list[str]:
    """Return slugs for a business, the best one first. The last one ends in the unique text."""
    own, place = slugify(name), slugify(city)
    longer = slugify(f"{own} {place}" if own else place)
    rare = f"{slugify(own or place or 'vendor', MAX_SLUG_LENGTH - len(unique) - 1)}-{unique}"
    return [one for one in (own, longer) if len(one) >= MIN_SLUG_LENGTH] + [rare]
