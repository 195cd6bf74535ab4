"""Root fields of the audit log."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from schema.audit.inputs import AuditWhere, audit_filter
from schema.audit.types import AuditEntry
from services.audit.queries import list_audit_entries

Where = Annotated[
    AuditWhere | None, strawberry.argument(description="Returns all entries if omitted.")
]


@strawberry.type
class AuditQuery:
    @connection(
        Connection[AuditEntry],
        "The audit log of security-relevant acts, newest first. Visible to admins.",
    )
    def audit_log(self, info: Info, where: Where = None) -> Listing[Any]:
        return list_audit_entries(info.context.viewer, audit_filter(where))
