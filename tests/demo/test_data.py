"""The data files of the demo: what the seeders rely on across languages and files."""

from demo.cities import CITIES
from demo.offers.phrases import PHRASES
from demo.toml_data import FOLDER, load
from demo.vendors.business_types import BUSINESS_TYPES

CATEGORIES = [category["path"] for category in load("categories")["categories"]]


def test_phrases_have_the_same_length_in_every_language() -> None:
    for name in ("moments", "openings", "uses", "terms"):
        assert len({len(getattr(phrases, name)) for phrases in PHRASES.values()}) == 1, name


def test_products_have_a_name_in_every_language_of_their_country() -> None:
    for country, business_types in BUSINESS_TYPES.items():
        cities = [city for city in CITIES if city.country == country]
        wanted = {language for city in cities for language in city.languages}
        wanted.add("de" if country == "DE" else "en")
        for business_type in business_types:
            for product in (*business_type.products, *business_type.gifts):
                assert set(product) == wanted, product


def test_business_types_refer_to_categories() -> None:
    for business_types in BUSINESS_TYPES.values():
        assert {business_type.category for business_type in business_types} <= set(CATEGORIES)


def test_parents_come_before_their_children() -> None:
    for number, path in enumerate(CATEGORIES):
        parent, _, _ = path.removesuffix("/").rpartition("/")
        assert not parent or f"{parent}/" in CATEGORIES[:number], path


def test_every_data_file_is_loaded_by_a_seeder() -> None:
    sources = "".join(path.read_text() for path in FOLDER.parent.rglob("*.py"))
    unused = [path.stem for path in FOLDER.glob("*.toml") if f'"{path.stem}"' not in sources]
    assert unused == []
