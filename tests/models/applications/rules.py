"""The database constraints on applications and their documents."""

from tests.models.sql import change, copy

OTHER_ID = "00000000-0000-0000-0000-000000000001"
APPLICATION, DOCUMENT = "vendor_application", "vendor_document"

RULES = [
    ("vendor_application_applicationstate_check", change(APPLICATION, "state = 'OPEN'")),
    ("vendor_application_revision_check", change(APPLICATION, "revision = 0")),
    ("vendor_application_tax_lookup_check", change(APPLICATION, "tax_lookup = '12'")),
    ("vendor_application_next_tax_lookup_check", change(APPLICATION, "next_tax_lookup = '12'")),
    ("vendor_application_tax_kind_check", change(APPLICATION, "tax_kind = 'vat'")),
    ("vendor_application_reason_length_check", change(APPLICATION, "reason = ''")),
    ("vendor_application_reason_check", change(APPLICATION, "reason = NULL")),
    ("vendor_application_decided_check", change(APPLICATION, "decided_at = NULL")),
    (
        "vendor_application_decision_check",
        change(APPLICATION, "decided_at = NULL, decider_id = NULL"),
    ),
    ("vendor_application_vendor_id_key", copy(APPLICATION)),
    ("vendor_document_position_check", change(DOCUMENT, "position = 10")),
    ("vendor_document_position_check", change(DOCUMENT, "position = -1")),
    ("vendor_document_upload_id_key", copy(DOCUMENT, position=1)),
    (
        "vendor_document_application_id_position_key",
        "ALTER TABLE vendor_document DROP CONSTRAINT vendor_document_upload_id_fkey;"
        + copy(DOCUMENT, upload_id=OTHER_ID),
    ),
]
PASSING = [
    change(APPLICATION, "state = 'APPROVED', reason = NULL"),
    change(APPLICATION, "state = 'WITHDRAWN', decided_at = NULL, decider_id = NULL"),
]
