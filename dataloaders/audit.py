"""Loaders of audit entries."""

from engine.loaders import visible
from models.audit import AuditEntry
from services.audit.queries import visible_audit_entries

visible_audit_entry = visible(AuditEntry, visible_audit_entries)
