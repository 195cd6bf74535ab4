"""Inputs of disputes."""

from uuid import UUID

import strawberry
from strawberry import relay

from core.sizes import MEGABYTE
from engine.ids import ID_OF, id_field
from engine.types import column, optional
from models.payments.disputes import (
    MAX_DISPUTE_BYTES,
    MAX_DISPUTE_FILES,
    MAX_EVIDENCE,
    MAX_EVIDENCE_FILES,
    MAX_EVIDENCE_LINE,
    EvidenceDraft,
)
from models.validation import parse
from schema.disputes.enums import DisputeState
from services.disputes.access import DisputeFilter


@strawberry.input(description="Conditions of a list of disputes. All must hold.")
class DisputeWhere:
    states: list[DisputeState] | None = optional("In one of these states.")
    vendor_id: UUID | None = id_field(
        "Vendor",
        "With a share of this vendor, for its members. Admins list all without it.",
        default=None,
    )


def dispute_filter(where: DisputeWhere | None) -> DisputeFilter:
    given = where or DisputeWhere()
    return DisputeFilter(states=given.states, vendor_id=given.vendor_id)


@strawberry.input(description="The dispute to accept.")
class AcceptDisputeInput:
    dispute_id: UUID = id_field("Dispute", "The dispute's id.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " dispute."
    )


@strawberry.input(description="Evidence for the bank.")
class AnswerDisputeInput:
    dispute_id: UUID = id_field("Dispute", "The dispute's id.")
    explanation: str = column(
        f"The course of the sale, for the bank: at most {MAX_EVIDENCE:,} characters."
    )
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " dispute."
    )
    carrier: str | None = optional(
        f"The carrier of the goods, at most {MAX_EVIDENCE_LINE} characters."
    )
    tracking_number: str | None = optional(
        f"The tracking number, at most {MAX_EVIDENCE_LINE} characters."
    )
    upload_ids: list[UUID] | None = strawberry.field(
        default=None,
        description=f"At most {MAX_EVIDENCE_FILES} of the viewer's uploads with the purpose"
        " DOCUMENT, such as a proof of delivery: pictures or PDF. All files of a dispute, at most"
        f" {MAX_DISPUTE_FILES} with {MAX_DISPUTE_BYTES // MEGABYTE} MB, are sent to the bank as one"
        " document of at most 49 pages. Admins see them.",
        graphql_type=list[relay.GlobalID] | None,
        metadata={ID_OF: "Upload"},
    )

    def draft(self) -> EvidenceDraft:
        return parse(
            EvidenceDraft,
            explanation=self.explanation,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            upload_ids=self.upload_ids or [],
        )
