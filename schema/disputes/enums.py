"""Enums of disputes in the GraphQL schema."""

from engine.enums import publish
from models.payments.disputes import DisputeState

__all__ = ["DisputeState"]

publish(
    DisputeState,
    "The state of a dispute, as the bank has it.",
    WARNING="The bank asks, and has not taken the money. A refund ends it.",
    NEEDS_RESPONSE="The bank has taken the money, and waits for evidence.",
    UNDER_REVIEW="The evidence was sent.",
    WON="The money is back.",
    LOST="The buyer has the money.",
)
