"""States of orders and sub-orders, and the changes that they allow."""

from collections.abc import Mapping
from enum import StrEnum

from models.errors import Refusal


class OrderState(StrEnum):
    """`PENDING → CONFIRMED → COMPLETED`.

    A PENDING order can become EXPIRED, and each that is not COMPLETED can become CANCELLED.
    """

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"

    def ensure_can_become(self, state: "OrderState") -> None:
        if state not in ORDER_TRANSITIONS[self]:
            raise InvalidOrderState(state=self, wanted=state)

    @property
    def is_final(self) -> bool:
        """Return whether nothing more happens. A late payment alone can revive an EXPIRED one."""
        return self not in {OrderState.PENDING, OrderState.CONFIRMED}


ORDER_TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.PENDING: frozenset({OrderState.CONFIRMED, OrderState.EXPIRED, OrderState.CANCELLED}),
    OrderState.CONFIRMED: frozenset({OrderState.COMPLETED, OrderState.CANCELLED}),
    OrderState.COMPLETED: frozenset(),
    # A payment that arrives late confirms the order if everything can still be had.
    OrderState.EXPIRED: frozenset({OrderState.CONFIRMED}),
    OrderState.CANCELLED: frozenset(),
}


class PaymentState(StrEnum):
    """Whether an order is paid. It follows from the amounts, as a constraint ensures."""

    UNPAID = "UNPAID"
    PAID = "PAID"
    PART_REFUNDED = "PART_REFUNDED"
    REFUNDED = "REFUNDED"


class SubOrderState(StrEnum):
    """The state of one vendor's part.

    `PENDING → CONFIRMED → PREPARING → SHIPPED → DELIVERED → RELEASED`. PENDING ones wait for the
    payment, CONFIRMED ones for the vendor, and RELEASED ones can no longer be returned. Before it
    is shipped, a part can be CANCELLED; a part that was shipped whole can be RETURNED whole.
    """

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    PREPARING = "PREPARING"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"

    def ensure_can_become(self, state: "SubOrderState") -> None:
        if state not in SUBORDER_TRANSITIONS[self]:
            raise InvalidOrderState(state=self, wanted=state)

    @property
    def is_final(self) -> bool:
        """Return whether nothing more happens. A late payment alone can revive a CANCELLED one."""
        return self in {SubOrderState.RELEASED, SubOrderState.CANCELLED, SubOrderState.RETURNED}


SUBORDER_TRANSITIONS: Mapping[SubOrderState, frozenset[SubOrderState]] = {
    SubOrderState.PENDING: frozenset({SubOrderState.CONFIRMED, SubOrderState.CANCELLED}),
    SubOrderState.CONFIRMED: frozenset(
        {SubOrderState.PREPARING, SubOrderState.SHIPPED, SubOrderState.CANCELLED}
    ),
    SubOrderState.PREPARING: frozenset({SubOrderState.SHIPPED, SubOrderState.CANCELLED}),
    SubOrderState.SHIPPED: frozenset({SubOrderState.DELIVERED, SubOrderState.RETURNED}),
    SubOrderState.DELIVERED: frozenset({SubOrderState.RELEASED, SubOrderState.RETURNED}),
    SubOrderState.RELEASED: frozenset(),
    SubOrderState.CANCELLED: frozenset({SubOrderState.CONFIRMED}),  # paid late, see OrderState
    SubOrderState.RETURNED: frozenset(),
}


class InvalidOrderState(Refusal):
    code = "ORDER_STATE"
    message = "An order that is {state} cannot become {wanted}. Reload the order."
    meaning = "The state of the order or sub-order does not allow this action."
    remedy = "Refetch its `state` and show only the actions that it allows."
