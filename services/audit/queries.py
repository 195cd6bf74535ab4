"""The audit log, for admins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, false, select
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, newest_first
from models.audit import AuditAct, AuditEntry, AuditOutcome
from services.viewer import Viewer


@dataclass(frozen=True)
class AuditFilter:
    """Conditions of the audit log; all of them must hold. `until` is exclusive."""

    actor_id: UUID | None = None
    impersonator_id: UUID | None = None
    subject_id: UUID | None = None
    act: AuditAct | None = None
    outcome: AuditOutcome | None = None
    since: datetime | None = None
    until: datetime | None = None


def visible_audit_entries(viewer: Viewer) -> SelectOfScalar[AuditEntry]:
    """Select audit entries. Only signed-in admins see them: their API tokens have no such right."""
    rows = select(AuditEntry)
    return rows if viewer.admin else rows.where(false())


def list_audit_entries(viewer: Viewer, wanted: AuditFilter) -> Listing[AuditEntry]:
    viewer.require_admin()
    rows = visible_audit_entries(viewer)
    if wanted.actor_id is not None:
        rows = rows.where(AuditEntry.actor_id == wanted.actor_id)
    if wanted.impersonator_id is not None:
        rows = rows.where(AuditEntry.impersonator_id == wanted.impersonator_id)
    if wanted.subject_id is not None:
        rows = rows.where(AuditEntry.subject_id == wanted.subject_id)
    if wanted.act is not None:
        rows = rows.where(AuditEntry.act == wanted.act)
    if wanted.outcome is not None:
        rows = rows.where(AuditEntry.outcome == wanted.outcome)
    if wanted.since is not None:
        rows = rows.where(col(AuditEntry.created_at) >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(col(AuditEntry.created_at) < wanted.until)
    return Listing(rows, newest_first(AuditEntry))
