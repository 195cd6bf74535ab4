"""Arguments of the audit log."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from core.errors import BadInput
from engine.types import decode_optional_id
from schema.audit.enums import AuditAct, AuditOutcome
from schema.identity.types import User
from services.audit.queries import AuditFilter


@strawberry.input(description="Conditions of the audit log. All of them must hold.")
class AuditWhere:
    actor_id: relay.GlobalID | None = strawberry.field(default=None, description="By this user.")
    subject_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Done to this object."
    )
    act: AuditAct | None = strawberry.field(default=None, description="Of this kind.")
    outcome: AuditOutcome | None = strawberry.field(default=None, description="With this outcome.")
    since: datetime | None = strawberry.field(default=None, description="At this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Before this time.")


def audit_filter(where: AuditWhere | None) -> AuditFilter:
    where = where or AuditWhere()
    return AuditFilter(
        actor_id=decode_optional_id(where.actor_id, User),
        subject_id=_any_id(where.subject_id),
        act=where.act,
        outcome=where.outcome,
        since=where.since,
        until=where.until,
    )


def _any_id(id: relay.GlobalID | None) -> UUID | None:
    if id is None:
        return None
    try:
        return UUID(id.node_id)
    except ValueError as error:
        raise BadInput("This is not a valid id.") from error
