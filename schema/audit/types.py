"""Audit entries."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.audit import visible_audit_entry
from dataloaders.identity import user_by_id
from engine.scalars import BigInt
from engine.types import Rows, column, field, related
from models import audit as rows
from schema.audit.enums import ActorKind, AuditAct
from schema.lazy import LazyUser


@strawberry.type(
    description="An entry of the audit log: an act, or several equal refusals. It is kept for two"
    " years and never changes. Visible to admins."
)
class AuditEntry(Rows[rows.AuditEntry], relay.Node, access=visible_audit_entry):
    id: relay.NodeID[UUID]
    created_at: datetime = column("The time of the act, or of the first of several refusals.")
    act: AuditAct = column("The act.")
    code: str | None = column("The code of the error, if the act was refused. Null if it was done.")
    actor_kind: ActorKind = column("The kind of caller.")
    actor: LazyUser | None = related(
        user_by_id, by="actor_id", description="The user. Null if the caller was not signed in."
    )
    impersonator: LazyUser | None = related(
        user_by_id,
        by="impersonator_id",
        description="The admin who used the account of the actor. Null if the user acted alone.",
    )
    network: str = column(
        "The caller's IPv4 address, or the /64 network of the IPv6 address. Empty for jobs."
    )
    request_id: str | None = column("The id of the request, as in the server's logs.")
    times: BigInt = column("The number of equal refusals within a few seconds; 1 otherwise.")

    @field("The id of the object that it was done to.", needs=("subject_id", "act"))
    def subject_id(root: strawberry.Parent[rows.AuditEntry]) -> relay.GlobalID | None:
        if root.subject_id is None or root.act.subject is None:
            return None
        return relay.GlobalID(root.act.subject, str(root.subject_id))
