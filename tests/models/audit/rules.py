"""The database constraints on the audit log, with SQL that violates each of them."""

from tests.models.sql import copy

SOMEBODY = "00000000-0000-0000-0000-000000000001"
# A trigger refuses every UPDATE, so these are inserted.
RULES = [
    ("audit_entry_auditoutcome_check", copy("audit_entry", outcome="LOST", code="X")),
    ("audit_entry_actorkind_check", copy("audit_entry", actor_kind="GHOST")),
    ("audit_entry_outcome_code_check", copy("audit_entry", outcome="DONE", code="X")),
    ("audit_entry_outcome_code_check", copy("audit_entry", outcome="REFUSED", code=None)),
    ("audit_entry_code_check", copy("audit_entry", outcome="REFUSED", code="X" * 41)),
    ("audit_entry_network_check", copy("audit_entry", network="1" * 65)),
    ("audit_entry_times_check", copy("audit_entry", times=0)),
    (
        "audit_entry_impersonator_id_check",
        copy("audit_entry", actor_id=SOMEBODY, impersonator_id=SOMEBODY),
    ),
]
