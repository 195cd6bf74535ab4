"""Values of cells in files that users upload."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from core.money import exponent
from models.errors import InvalidInput
from models.validation import EMPTY

AMOUNT = re.compile(r"\d{1,15}(?:\.\d{1,3})?", re.ASCII)
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
Column = TypeVar("Column", bound=StrEnum)


def require_cell(cells: Mapping[Column, str], name: Column) -> None:
    if name not in cells:
        raise InvalidInput(EMPTY, field=[name.lower()])


def amount_in(cells: Mapping[Column, str], name: Column, currency: str) -> int:
    """Return an amount in minor units. It is written in major ones, with a decimal point."""
    places, written = exponent(currency), cells[name]
    if not AMOUNT.fullmatch(written) or len(written.partition(".")[2]) > places:
        raise InvalidInput(
            "Write the amount in digits, with a point before at most {places} decimal places.",
            places=places,
            field=[name.lower()],
        )
    return int(Decimal(written).scaleb(places))


def whole_number_in(cells: Mapping[Column, str], name: Column) -> int:
    if not WHOLE.fullmatch(cells[name]):
        raise InvalidInput("Write a whole number in digits.", field=[name.lower()])
    return int(cells[name])
