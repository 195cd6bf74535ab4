"""Checks the scopes of API tokens.

A query or a subscription needs the scope to read each domain of which it selects a field. A
mutation needs the scope to write its domain, which includes what it returns of that domain, and the
scopes to read the other domains of which it selects fields.

Domains without a scope, and root fields that are declared as `personal`, reject API tokens.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

from core.errors import ScopeMissing, UserMessage
from engine.domains import domains_of, name_of
from engine.limits.root_fields import root_fields
from engine.limits.selected_fields import SelectedFields
from models.scopes import ApiScope, find_scope
from services.viewer import Viewer


@dataclass(frozen=True)
class NeededScopes:
    """The scopes that an operation needs, and a field of it that no API token may select."""

    scopes: frozenset[ApiScope]
    unavailable: str | None

    @classmethod
    def of(
        cls, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> "NeededScopes":
        """Find them in an operation of a valid document. They are kept with the document."""
        reads = _domains(filter(None, SelectedFields(schema, document).by(operation)))
        writes: Mapping[str, str] = {}
        if operation.operation is OperationType.MUTATION:
            writes = _domains(_selected_roots(schema, document, operation))
        needed = [(name, find_scope(domain, write=True)) for domain, name in writes.items()]
        needed += [
            (name, find_scope(domain, write=False))
            for domain, name in reads.items()
            if domain not in writes
        ]
        personal = (
            name
            for name, metadata in root_fields(schema, document, operation)
            if metadata.get("personal") or metadata.get("for_admins")
        )
        without = (name for name, scope in needed if scope is None)
        scopes = frozenset(scope for _, scope in needed if scope is not None)
        return cls(scopes, next(chain(personal, without), None))


def find_violation(viewer: Viewer, needed: NeededScopes) -> UserMessage | None:
    """Return why the viewer's API token does not permit the operation, if so.

    Only API tokens have scopes. Signed-in users and anonymous callers may run every operation.
    """
    if viewer.scopes is None:
        return None
    if needed.unavailable is not None:
        return UserMessage(
            "This is not available to API tokens. Sign in as a user.", name=needed.unavailable
        )
    missing = needed.scopes - viewer.scopes
    return ScopeMissing(sorted(missing)) if missing else None


def _selected_roots(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Iterator[GraphQLField]:
    root = schema.get_root_type(operation.operation)
    for name, _ in root_fields(schema, document, operation):
        if root is not None and name in root.fields:
            yield root.fields[name]


def _domains(fields: Iterable[GraphQLField]) -> dict[str, str]:
    """Return the domains of fields, each with the name of the first of its fields."""
    found: dict[str, str] = {}
    for field in fields:
        for domain in domains_of(field):
            found.setdefault(domain, name_of(field))
    return found
