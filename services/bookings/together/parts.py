"""The parts of an input that asks for several bookings at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import Refusal


@contextmanager
def part(field: str, number: int) -> Iterator[None]:
    """Name the part of a list that a refusal is about, by its number from 0."""
    try:
        yield
    except Refusal as refusal:
        refusal.field = [field, str(number), *(refusal.field or [])]
        raise
