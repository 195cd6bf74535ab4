"""Inputs of fraud cases."""

from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.types import optional
from schema.fraud.enums import CaseState
from services.fraud.access import FraudCaseFilter


@strawberry.input(description="Conditions of a list of fraud cases. All must hold.")
class FraudCaseWhere:
    states: list[CaseState] | None = optional("In one of these states.")
    vendor_id: UUID | None = id_field(
        "Vendor", "Of this vendor. Admins list those of all without it.", default=None
    )
    score_at_least: int | None = optional("With this score or a higher one.")
    sampled: bool | None = optional("Drawn at random, or not.")


def case_filter(where: FraudCaseWhere | None) -> FraudCaseFilter:
    given = where or FraudCaseWhere()
    return FraudCaseFilter(
        states=given.states,
        vendor_id=given.vendor_id,
        score_at_least=given.score_at_least,
        sampled=given.sampled,
    )
