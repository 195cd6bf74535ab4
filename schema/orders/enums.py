"""Enums of the domain `orders` in the GraphQL schema."""

from engine.enums import publish
from models.orders.lines import LineKind
from models.orders.states import OrderState, PaymentState, SubOrderState
from models.payments.payments import PaymentProvider, PaymentStatus

__all__ = [
    "LineKind",
    "OrderState",
    "PaymentProvider",
    "PaymentState",
    "PaymentStatus",
    "SubOrderState",
]


publish(
    OrderState,
    "The state of an order.",
    PENDING="Waits for its payment until `holdUntil`. Its units are reserved.",
    CONFIRMED="Paid. Its vendors prepare their parts.",
    COMPLETED="All its parts have ended.",
    EXPIRED="Not paid in time. Its units are for sale again.",
    CANCELLED="Cancelled for good.",
)

publish(
    PaymentState,
    "Whether an order is paid.",
    UNPAID="Not paid, or not in full.",
    PAID="Paid in full.",
    PART_REFUNDED="Paid, and a part was granted back.",
    REFUNDED="Paid, and all of it was granted back.",
)

publish(
    SubOrderState,
    "The state of one vendor's part of an order.",
    PENDING="Waits for the payment of the order.",
    CONFIRMED="Paid. Waits for the vendor to accept it.",
    PREPARING="Accepted by the vendor.",
    SHIPPED="On its way, with all units that were not cancelled.",
    DELIVERED="Delivered. Can be returned for some days.",
    RELEASED="Delivered, and the time for returns is over.",
    CANCELLED="Cancelled, or not paid in time.",
    RETURNED="Came back whole.",
)

publish(
    LineKind,
    "The kind of thing that a line is of.",
    GOODS="Units of a variant of a product.",
    TICKET="Tickets.",
    BOOKING="A booking.",
)

publish(
    PaymentProvider,
    "The way in which a payment is made.",
    MANUAL="A transfer, which an admin records when it has arrived.",
    WALLET="The user's wallet.",
    STRIPE="By card and what else Stripe offers.",
    PAYSTACK="By card, bank and mobile money of Paystack.",
)

publish(
    PaymentStatus,
    "The state of a payment.",
    PLANNED="Not sent to the provider yet.",
    OPEN="Waits for the money.",
    ACTION="Waits for the user to confirm it with the bank.",
    PROCESSING="The provider works on it.",
    CANCELLING="Being cancelled at the provider.",
    CANCELLED="Cancelled. No money is expected.",
    FAILED="Failed for good.",
    SUCCEEDED="The money has come.",
)
