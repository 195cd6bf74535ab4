"""Returns: units that a buyer wants to send back, and what the vendor decided."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import APPEND_ONLY, Row, enum_column, foreign_key, timestamp
from models.errors import Refusal
from models.orders.timeline import MAX_STEP_NOTE, StepNote
from models.personal_data import of_others, retain_rows
from models.text import one_line_constraint

RETURN_DAYS = 30  # in which the goods of an accepted return must arrive


class ReturnState(StrEnum):
    """`REQUESTED → ACCEPTED → RECEIVED`.

    The vendor can decline a return that it has not accepted, and the buyer can withdraw one that is
    not received. An accepted one whose goods did not arrive in time becomes EXPIRED.
    """

    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    RECEIVED = "RECEIVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"

    def ensure_can_become(self, state: "ReturnState") -> None:
        if state not in RETURN_TRANSITIONS.get(self, ()):
            raise InvalidReturnState(state=self, wanted=state)


RETURN_TRANSITIONS: Mapping[ReturnState, frozenset[ReturnState]] = {
    ReturnState.REQUESTED: frozenset(
        {ReturnState.ACCEPTED, ReturnState.DECLINED, ReturnState.WITHDRAWN}
    ),
    ReturnState.ACCEPTED: frozenset(
        {ReturnState.RECEIVED, ReturnState.WITHDRAWN, ReturnState.EXPIRED}
    ),
}
OPEN = "state IN ('REQUESTED', 'ACCEPTED')"


class ReturnRequest(Row, table=True):
    """A buyer's wish to return units of one vendor's part. A part has one that is open.

    The money is refunded when the goods are received, and the part is not released before.
    """

    __tablename__ = "return_request"
    __table_args__ = (
        one_line_constraint("reason"),
        CheckConstraint(f"char_length(reason) <= {MAX_STEP_NOTE}", name="reason_length"),
        one_line_constraint("answer"),
        CheckConstraint(f"char_length(answer) <= {MAX_STEP_NOTE}", name="answer_length"),
        CheckConstraint(
            "(state NOT IN ('REQUESTED', 'ACCEPTED')) = (ended_at IS NOT NULL)", name="ended_at"
        ),
        Index("return_request_open_key", "suborder_id", unique=True, postgresql_where=text(OPEN)),
        Index("return_request_suborder_id_idx", "suborder_id", "created_at", "id"),
    )
    __privacy__ = retain_rows(of="buyer_id", personal="reason answer")

    suborder_id: UUID = foreign_key("suborder", index=False)
    buyer_id: UUID = foreign_key("user")
    state: ReturnState = enum_column(ReturnState, default=ReturnState.REQUESTED)
    reason: StepNote
    answer: StepNote | None = Field(default=None)
    accepted_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def is_overdue(self) -> bool:
        """Return whether the goods of an accepted return did not arrive in time."""
        accepted = self.state is ReturnState.ACCEPTED and self.accepted_at
        return bool(accepted and accepted + timedelta(days=RETURN_DAYS) <= now())

    def become(self, state: ReturnState) -> None:
        """Change the state. Raises `InvalidReturnState`."""
        self.state.ensure_can_become(state)
        self.state = state
        if state is ReturnState.ACCEPTED:
            self.accepted_at = now()
        else:
            self.ended_at = now()


class ReturnLine(Row, table=True):
    """Units of a line that are to be returned."""

    __tablename__ = "return_line"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        UniqueConstraint("return_id", "line_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="quantity")

    return_id: UUID = foreign_key("return_request", index=False)
    line_id: UUID = foreign_key("order_line")
    quantity: int


class InvalidReturnState(Refusal):
    code = "RETURN_STATE"
    message = "A return that is {state} cannot become {wanted}. Reload the order."
    meaning = "The state of the return does not allow this action."
    remedy = "Refetch its `state` and show only the actions that it allows."


class ReturnOpen(Refusal):
    message = "Another return of this order is open. Wait until it has ended, or withdraw it."
    meaning = "The sub-order has a return that is REQUESTED or ACCEPTED."
    remedy = "Show the open return, and offer `withdrawReturn`."
    constraint = "return_request_open_key"


class ReturnPeriodOver(Refusal):
    message = "The time to return this is over. Write to the seller instead."
    meaning = "The sub-order was released, or its `returnableUntil` has passed."
    remedy = "Refetch the order, and offer a message to the vendor."
