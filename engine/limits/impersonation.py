"""The limits of admins who impersonate a user, and the part of each answer that names them."""

from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType

from core.errors import UserMessage
from core.ids import global_id
from engine.limits.scopes import root_fields
from services.viewer import Viewer

NOT_ALLOWED = UserMessage("This is not available to an admin who uses the account of a user.")


def find_forbidden(
    viewer: Viewer,
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
) -> UserMessage | None:
    """Return why an admin must not run an operation as the user, if so.

    Admins read what the user sees, and run only mutations that are declared to be allowed.
    """
    if viewer.impersonator is None or operation.operation is not OperationType.MUTATION:
        return None
    for name, metadata in root_fields(schema, document, operation):
        if not (metadata.get("while_impersonating") or name.startswith("__")):
            return NOT_ALLOWED
    return None


def impersonation_result(viewer: Viewer) -> dict[str, Any]:
    """Return the part of a response's `extensions` that names the admin, if one acts."""
    if viewer.impersonator is None:
        return {}
    by = global_id("User", viewer.impersonator.admin_id)
    until = viewer.impersonator.until.isoformat().replace("+00:00", "Z")
    return {"impersonation": {"by": by, "until": until}}
