"""A mutation that takes a text on one line."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class TextCase(NamedTuple):
    """`field` is the path of the text in the input. `result` selects the stored text, if any."""

    mutation: str
    input: dict[str, Any]
    field: Sequence[str]
    result: str = ""
