"""Cities in which vendors are."""

from functools import cache

from sqlalchemy import bindparam
from sqlmodel import select

from core.keyset import Listing, Ordering
from core.statements.pages import PageStatements
from models.offers.listings import City


def list_cities(country: str) -> Listing[City]:
    """List the cities of a country by name, in the order of their keys."""
    return _cities().listing({"country": country})


@cache
def _cities() -> PageStatements[City]:
    rows = select(City).where(City.country == bindparam("country"))
    return PageStatements(Listing(rows, Ordering("city.key", City.key, City.id, str)))
