"""Reads deprecations and the last days of their support."""

import re
from datetime import date
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    StringValueNode,
    Visitor,
    visit,
)

DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}): \S")

Deprecable = FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode


def deprecations(document: DocumentNode) -> dict[str, date | None]:
    """Return the last day of each deprecated part, if its reason has a date."""
    found: dict[str, date | None] = {}

    class Finding(Visitor):
        def enter(self, node: Any, *context: Any) -> None:
            if isinstance(node, Deprecable) and _deprecated(node):
                ancestors = [one for one in context[-1] if hasattr(one, "name")]
                path = ".".join(one.name.value for one in [*ancestors, node])
                found[path] = last_day(node)

    visit(document, Finding())
    return found


def last_day(node: Deprecable) -> date | None:
    """Return the date in `@deprecated(reason: "2026-01-31: use x")`, if any."""
    directive = _deprecated(node)
    for argument in (directive.arguments if directive else None) or ():
        if argument.name.value == "reason" and isinstance(argument.value, StringValueNode):
            dated = DATED.match(argument.value.value)
            try:
                return date.fromisoformat(dated[1]) if dated else None
            except ValueError:
                return None
    return None


def _deprecated(node: Deprecable) -> DirectiveNode | None:
    return next((one for one in node.directives or () if one.name.value == "deprecated"), None)
