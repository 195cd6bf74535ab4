"""A model of a clinic's bookings, in memory.

Each method returns the codes with which the product may refuse the step, and changes the model only
if there are none. Bookings whose time to confirm is over keep nothing, whether or not a job has
ended them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

STAFF = ("asha", "ravi")
BEFORE, AFTER = 5, 10  # the buffers of visits
LENGTH = {"visit": 30, "prepaid": 30, "asked": 30, "yoga": 60}
SEATS = 2  # of the class
MOST = 10  # open bookings of a user
NO_SHOWS = 2  # after which visits are paid online
Codes = set[str]
Start = tuple[int, int]  # a day and a minute of it
Minutes = tuple[int, int]  # the first one, and the end


@dataclass(eq=False)
class ModelBooking:
    user: int
    service: str
    start: Start
    staff: str
    due: bool
    state: str = "HELD"
    over: bool = False
    approved: bool = False
    revision: int = 0
    moves_left: int = 3
    meeting: str | None = None  # the id of the meeting
    order_state: str = ""
    returned: bool = False  # the money that came too late
    paid: bool = False

    def is_where(self, start: Start, staff: str | None) -> bool:
        """Return whether it has this time already, so that a move to it changes nothing."""
        return self.start == start and staff in {None, self.staff}

    @property
    def is_class(self) -> bool:
        return self.service == "yoga"

    @property
    def lapsed(self) -> bool:
        return self.over and self.state in {"HELD", "REQUESTED"}

    @property
    def occupies(self) -> bool:
        states = {"HELD", "REQUESTED", "PENDING_PAYMENT", "CONFIRMED"}
        return self.state in states and not self.lapsed

    @property
    def seated(self) -> bool:
        """Return whether it has a seat: who came to a class, or did not, keeps it."""
        return self.occupies or (self.is_class and self.state in {"COMPLETED", "NO_SHOW"})


@dataclass(eq=False)
class ModelBlock:
    staff: str
    day: int
    first: int
    end: int


@dataclass
class ClinicModel:
    bookings: list[ModelBooking] = field(default_factory=list)
    blocks: list[ModelBlock] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)

    def span(self, service: str, start: Start) -> Minutes:
        before, after = (0, 0) if service == "yoga" else (BEFORE, AFTER)
        return start[1] - before, start[1] + LENGTH[service] + after

    def _taken(
        self, staff: str, day: int, without: ModelBooking | None
    ) -> Iterator[tuple[int, int]]:
        for one in self.bookings:
            keeps = one.seated if one.is_class else one.occupies
            if keeps and one.staff == staff and one.start[0] == day and one is not without:
                yield self.span(one.service, one.start)
        for block in self.blocks:
            if block.staff == staff and block.day == day:
                yield block.first, block.end

    def is_free(
        self, staff: str, service: str, start: Start, without: ModelBooking | None = None
    ) -> bool:
        first, end = self.span(service, start)
        taken = self._taken(staff, start[0], without)
        return not any(one < end and first < until for one, until in taken)

    def seated(self, start: Start, without: ModelBooking | None = None) -> list[ModelBooking]:
        return [
            one
            for one in self.bookings
            if one.is_class and one.start == start and one.seated and one is not without
        ]

    def candidates(
        self, service: str, start: Start, staff: str | None, without: ModelBooking | None = None
    ) -> set[str]:
        wanted = STAFF if staff is None else (staff,)
        return {one for one in wanted if self.is_free(one, service, start, without)}

    def can_take(
        self,
        user: int,
        service: str,
        start: Start,
        staff: str | None,
        without: ModelBooking | None = None,
    ) -> Codes:
        if start[0] in self.closed:
            return {"SLOT_NOT_OFFERED"}
        if service != "yoga":
            return set() if self.candidates(service, start, staff, without) else {"SLOT_TAKEN"}
        seated = self.seated(start, without)
        if any(one.user == user and one.occupies for one in seated):
            # The meeting may be full as well.
            return {"CLASS_BOOKED", "MEETING_FULL"}
        if seated:
            return set() if len(seated) < SEATS else {"MEETING_FULL"}
        return set() if self.is_free("asha", "yoga", start, without) else {"SLOT_TAKEN"}

    def is_due(self, user: int, service: str) -> bool:
        missed = sum(one.user == user and one.state == "NO_SHOW" for one in self.bookings)
        return service in {"prepaid", "yoga"} or missed >= NO_SHOWS

    def open_of(self, user: int, service: str) -> int:
        return sum(
            one.user == user and one.service == service and one.occupies for one in self.bookings
        )

    def hold(self, user: int, service: str, start: Start, staff: str | None) -> Codes:
        if self.open_of(user, service) >= MOST:
            return {"BOOKING_LIMIT"}
        return self.can_take(user, service, start, staff)

    def confirm(self, booking: ModelBooking) -> Codes:
        if booking.state in {"CONFIRMED", "REQUESTED"}:
            return set()
        if booking.state != "HELD" or booking.over:
            return {"BOOKING_HOLD_EXPIRED"}
        if booking.service == "asked" and not booking.approved:
            booking.state = "REQUESTED"
        elif booking.due:
            return {"BOOKING_UNPAID"}
        else:
            booking.state = "CONFIRMED"
        return set()

    def release(self, booking: ModelBooking) -> Codes:
        if booking.state == "HELD":
            booking.state = "CANCELLED"
            return set()
        live = {"REQUESTED", "PENDING_PAYMENT", "CONFIRMED"}
        return {"BOOKING_HOLD_EXPIRED"} if booking.state in live else set()

    def answer(self, booking: ModelBooking, *, approve: bool) -> Codes:
        answered = {"CONFIRMED", "HELD", "PENDING_PAYMENT"}
        if approve and booking.approved and booking.state in answered:
            return set()
        if not approve and booking.state == "DECLINED":
            return set()
        if booking.state != "REQUESTED":
            return {"BOOKING_STATE"}
        if booking.over:
            return {"BOOKING_HOLD_EXPIRED"}
        if not approve:
            booking.state = "DECLINED"
            return set()
        booking.approved = True
        booking.state = "HELD" if booking.due else "CONFIRMED"
        return set()

    def cancel(self, booking: ModelBooking) -> Codes:
        if booking.state not in {"HELD", "REQUESTED", "CONFIRMED"}:
            return {"BOOKING_STATE"}
        booking.state, booking.paid = "CANCELLED", False
        return set()

    def move(self, booking: ModelBooking, start: Start, staff: str | None) -> Codes:
        if booking.state not in {"REQUESTED", "CONFIRMED"}:
            return {"BOOKING_STATE"}
        if booking.moves_left == 0:
            return {"MOVE_TOO_LATE"}
        if booking.service == "asked" and booking.state == "CONFIRMED":
            return {"MOVE_NEEDS_APPROVAL"}
        if booking.is_where(start, staff):
            return set()
        return self.can_take(booking.user, booking.service, start, staff, booking)

    def order(self, booking: ModelBooking) -> Codes:
        if booking.state != "HELD" or booking.over:
            return {"BOOKING_HOLD_EXPIRED"}
        if not booking.due or (booking.service == "asked" and not booking.approved):
            return {"BOOKING_STATE"}
        booking.state, booking.order_state = "PENDING_PAYMENT", "PENDING"
        return set()

    def pay(self, booking: ModelBooking) -> Codes:
        """Let money come: in time, or late if the same time is still free."""
        if booking.order_state == "CONFIRMED":
            return {"ORDER_PAID"}
        if booking.order_state == "CANCELLED":
            return {"ORDER_STATE"}
        if booking.state != "PENDING_PAYMENT" and not self.can_retake(booking):
            return {"SLOT_TAKEN"}
        booking.state, booking.order_state, booking.paid = "CONFIRMED", "CONFIRMED", True
        return set()

    def can_retake(self, booking: ModelBooking) -> bool:
        if not booking.is_class:
            return self.is_free(booking.staff, booking.service, booking.start)
        seated = self.seated(booking.start)
        same = [one for one in seated if one.meeting == booking.meeting]
        return 0 < len(same) < SEATS

    def end_order(self, booking: ModelBooking, state: str) -> None:
        booking.order_state, booking.state = state, "EXPIRED"

    def miss(self, booking: ModelBooking) -> Codes:
        if booking.state not in {"CONFIRMED", "COMPLETED", "NO_SHOW"}:
            return {"BOOKING_STATE"}
        booking.state = "NO_SHOW"
        return set()

    def complete(self, booking: ModelBooking) -> Codes:
        if booking.state not in {"CONFIRMED", "COMPLETED", "NO_SHOW"}:
            return {"BOOKING_STATE"}
        booking.state = "COMPLETED"
        return set()

    def undo(self, booking: ModelBooking) -> Codes:
        """Take a no-show back. It is confirmed if its time is still free."""
        if booking.state in {"CONFIRMED", "COMPLETED"}:
            return set()
        if booking.state != "NO_SHOW":
            return {"BOOKING_STATE"}
        if booking.is_class:
            again = [one for one in self.seated(booking.start, booking) if one.occupies]
            if any(one.user == booking.user for one in again):
                return {"CLASS_BOOKED"}
            booking.state = "CONFIRMED"
        else:
            free = self.is_free(booking.staff, booking.service, booking.start)
            booking.state = "CONFIRMED" if free else "COMPLETED"
        return set()
