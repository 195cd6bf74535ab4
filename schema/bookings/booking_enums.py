"""Enums of bookings in the GraphQL schema."""

from engine.enums import publish
from models.bookings.bookings import BookingSource, BookingState, CancelledBy
from models.bookings.classes import MeetingState
from models.bookings.series import OnConflict
from models.bookings.slots import SlotReason

__all__ = [
    "BookingSource",
    "BookingState",
    "CancelledBy",
    "MeetingState",
    "OnConflict",
    "SlotReason",
]

publish(
    BookingState,
    "The state of a booking. Until it has ended, it takes a time.",
    HELD="It is held for the user until `expiresAt`, to be confirmed or ordered.",
    REQUESTED="The vendor answers it until `expiresAt`.",
    PENDING_PAYMENT="It is in an order that is not paid yet.",
    CONFIRMED="It takes place.",
    COMPLETED="It took place.",
    CANCELLED="The customer or the vendor cancelled it.",
    NO_SHOW="The customer did not come.",
    DECLINED="The vendor declined it.",
    EXPIRED="It was not confirmed, paid or answered in time.",
)
publish(
    BookingSource,
    "The origin of a booking.",
    ONLINE="The customer booked it.",
    DESK="A member of the vendor booked it.",
    WAITLIST="It was held for a customer on the waitlist.",
)
publish(
    CancelledBy,
    "The party that cancelled a booking.",
    CUSTOMER="The customer.",
    VENDOR="A member of the vendor.",
)
publish(
    OnConflict,
    "The treatment of times of a series that cannot be booked.",
    REFUSE="None is booked.",
    SKIP="Those are left out. They can be booked later.",
    NEAREST="Those are left out, and the nearest time of the same day is proposed for each.",
)
publish(
    SlotReason,
    "The rule by which a time is not offered.",
    CLOSED="No one who does the service works then, or the vendor is closed.",
    NOTICE="It is sooner than the notice that the service needs.",
    HORIZON="It is later than the last day that can be booked.",
    OFF_GRID="The service does not start at that minute.",
    LIMIT="The vendor has as many bookings on that day as it takes.",
    STAFF="No staff, room or equipment can do the service, or not the chosen staff.",
)
publish(
    MeetingState,
    "The state of a meeting of a class.",
    SCHEDULED="It takes place.",
    ENDED="It is over.",
    CANCELLED="It does not take place.",
)
