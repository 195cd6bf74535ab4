"""Publishes enums of the business in the GraphQL schema."""

from enum import Enum
from typing import Any

import strawberry


def publish(kind: type[Enum], description: str, /, **values: str) -> None:
    """Add an enum to the schema, with a description for each value.

    Call it once, in `schema/<domain>/enums.py`: a type that uses an enum that was never published
    fails when the schema is built.
    """
    if values.keys() != kind.__members__.keys():
        names = ", ".join(sorted(values.keys() ^ kind.__members__.keys()))
        raise TypeError(
            f"{kind.__name__} needs a description for exactly its values: {names}. It is published"
            " in schema/<domain>/enums.py."
        )
    strawberry.enum(kind, description=description)
    definition: Any = kind.__dict__["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


def deprecate(kind: type[Enum], /, **reasons: str) -> None:
    """Mark values of a published enum as deprecated. A reason starts with the last day."""
    definition: Any = kind.__dict__["__strawberry_definition__"]
    for value in definition.values:
        value.deprecation_reason = reasons.get(value.name)
