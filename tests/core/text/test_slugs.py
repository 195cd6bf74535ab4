"""Slugs of names in any script."""

import pytest

from core.text.cleaning import shorten
from core.text.slugs import MAX_SLUG_LENGTH, slugify, slugs_for

UNIQUE = "0123456789ab"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Two Tumblers Coffee Room", "two-tumblers-coffee-room"),
        ("  Café  Zoë & Søren's ", "cafe-zoe-soren-s"),
        ("Bäckerei Groß", "backerei-gross"),
        ("चाय घर", ""),
        ("A" * 70, "a" * 60),
        ("word " * 20, "-".join(["word"] * 12)),
    ],
)
def test_slugify(name: str, slug: str) -> None:
    assert slugify(name) == slug


@pytest.mark.parametrize(
    ("name", "city", "slugs"),
    [
        ("Tea", "Pune", ["tea", "tea-pune", f"tea-{UNIQUE}"]),
        ("Qi", "Pune", ["qi-pune", f"qi-{UNIQUE}"]),
        ("चाय", "Pune", ["pune", f"pune-{UNIQUE}"]),
        ("चाय", "पुणे", [f"vendor-{UNIQUE}"]),
    ],
)
def test_slugs_for_a_vendor(name: str, city: str, slugs: list[str]) -> None:
    assert slugs_for(name, city, UNIQUE) == slugs


def test_slugs_for_a_long_name_have_the_greatest_length_at_most() -> None:
    found = slugs_for("x" * 120, "y" * 80, UNIQUE)
    assert max(map(len, found)) == MAX_SLUG_LENGTH
    assert found[-1].endswith(f"x-{UNIQUE}")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Tea\n\nand cake", "Tea and cake"),
        ("Tea and cake and more", "Tea and cake…"),
        ("茶" * 30, "茶" * 14 + "…"),
    ],
)
def test_shorten(text: str, short: str) -> None:
    assert shorten(text, 15) == short
