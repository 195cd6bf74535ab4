"""The content of docs/errors.md."""

from typing import Any

from graphql import GraphQLSchema

from engine.errors.codes import Fault
from engine.errors.conversion import refusals
from engine.errors.details import DETAILS
from engine.limits.cost import field_metadata
from services.i18n import LANGUAGES


def context(graph: GraphQLSchema) -> dict[str, Any]:
    return {
        "refusals": refusals(),
        "faults": list(Fault),
        "mutations": mutations_by_code(graph),
        "languages": sorted(LANGUAGES),
        "details": sorted(DETAILS.items()),
    }


def mutations_by_code(graph: GraphQLSchema) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {refusal.code: [] for refusal in refusals()}
    for name, field in graph.mutation_type.fields.items() if graph.mutation_type else ():
        for refusal in field_metadata(field).get("raises", ()):
            found[refusal.code].append(name)
    return found
