"""Arguments of the audit log."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from engine.ids import decode_id_of_any_type, id_field
from schema.audit.enums import AuditAct, AuditOutcome
from services.audit.queries import AuditFilter


@strawberry.input(description="Conditions of the audit log. All of them must hold.")
class AuditWhere:
    actor_id: UUID | None = id_field("User", "By this user.", default=None)
    impersonator_id: UUID | None = id_field(
        "User", "By this admin in the account of a user.", default=None
    )
    subject_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Done to this object."
    )
    act: AuditAct | None = strawberry.field(default=None, description="Of this kind.")
    outcome: AuditOutcome | None = strawberry.field(default=None, description="With this outcome.")
    created_from: datetime | None = strawberry.field(
        default=None, description="Created at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Created before this time."
    )


def audit_filter(where: AuditWhere | None) -> AuditFilter:
    where = where or AuditWhere()
    return AuditFilter(
        actor_id=where.actor_id,
        impersonator_id=where.impersonator_id,
        subject_id=decode_id_of_any_type(where.subject_id) if where.subject_id else None,
        act=where.act,
        outcome=where.outcome,
        since=where.created_from,
        until=where.created_before,
    )
