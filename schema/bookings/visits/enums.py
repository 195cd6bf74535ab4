"""Enums of visits, of the desk and of agendas in the GraphQL schema."""

from engine.enums import publish
from models.bookings.visits.arrivals import ArrivalState
from models.bookings.visits.desk import VisitPaymentMethod

__all__ = ["ArrivalState", "VisitPaymentMethod"]

publish(
    ArrivalState,
    "How far a visit is.",
    EXPECTED="The customer is expected.",
    LATE="The visit has begun, and the customer has not arrived.",
    WAITING="The customer has arrived.",
    SEEN="The visit took place.",
    MISSED="The customer did not come.",
)
publish(
    VisitPaymentMethod,
    "How a visit was paid at the desk.",
    CASH="In cash.",
    CARD="With a card, at the vendor's own terminal.",
)
