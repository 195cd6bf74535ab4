"""Times that are not offered, and the rule that closes each."""

from enum import StrEnum

from models.errors import Refusal


class SlotReason(StrEnum):
    """Why a time is not offered. `explainSlot` shows members which rule it is."""

    CLOSED = "CLOSED"
    NOTICE = "NOTICE"
    HORIZON = "HORIZON"
    OFF_GRID = "OFF_GRID"
    LIMIT = "LIMIT"
    STAFF = "STAFF"


class SlotNotOffered(Refusal):
    """The time is not one that is offered. `reason` is the first rule that closes it."""

    message = "This time cannot be booked. Choose one of the times that are offered."
    meaning = "No rule of the service and no schedule offers the time."
    remedy = "Refetch `slots`, and let the user choose one of them."

    def __init__(self, reason: SlotReason) -> None:
        self.reason = reason
        super().__init__()
