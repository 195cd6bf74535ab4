"""A model of a date on sale: its quota, its seats, its holds, tickets and waitlist, in memory.

Each method returns the codes with which the product may refuse the step, and changes the model only
if there are none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

ROWS, SEATS = 2, 4
MOST = 5  # tickets of a user
CAPACITY = 4  # of the standing places
MAX_UNANSWERED, MAX_SKIPS = 2, 3
Codes = set[str]
Place = tuple[int, int]  # a row and a position


@dataclass(eq=False)
class ModelEntry:
    user: int
    least: int
    most: int
    seated: bool
    state: str = "WAITING"
    unanswered: int = 0
    skips: int = 0

    @property
    def live(self) -> bool:
        return self.state in {"WAITING", "HOLDING"}


@dataclass(eq=False)
class ModelHold:
    user: int
    standing: int
    seats: set[Place] = field(default_factory=set)
    entry: ModelEntry | None = None
    state: str = "OPEN"
    over: bool = False  # its time, or that of its order
    returned: bool = False  # the money that came too late
    order_state: str = ""

    @property
    def tickets(self) -> int:
        return self.standing + len(self.seats)

    @property
    def live(self) -> bool:
        return self.state in {"OPEN", "CHECKOUT"}

    @property
    def lapsed(self) -> bool:
        return self.state == "OPEN" and self.over


@dataclass(eq=False)
class ModelTicket:
    buyer: int
    holder: int
    place: Place | None
    valid: bool = True
    generation: int = 1
    to: int | None = None  # the receiver of a pending transfer


@dataclass(frozen=True)
class WishedPlaces:
    """Standing places that a user wants to hold, and seats by number or by their places."""

    standing: int
    seats: int = 0
    places: frozenset[Place] = frozenset()

    @property
    def seated(self) -> int:
        return len(self.places) or self.seats

    @property
    def tickets(self) -> int:
        return self.standing + self.seated


@dataclass
class DateModel:
    holds: list[ModelHold] = field(default_factory=list)
    tickets: list[ModelTicket] = field(default_factory=list)
    entries: list[ModelEntry] = field(default_factory=list)
    closed: bool = False  # the quota to the public, for those who wait
    closed_rows: set[int] = field(default_factory=set)

    @property
    def left(self) -> int:
        held = sum(hold.standing for hold in self.holds if hold.live)
        return CAPACITY - held - sum(one.valid and one.place is None for one in self.tickets)

    def owner(self, place: Place) -> ModelHold | ModelTicket | None:
        holds = [one for one in self.holds if one.live and place in one.seats]
        tickets = [one for one in self.tickets if one.valid and one.place == place]
        owners: list[ModelHold | ModelTicket] = [*holds, *tickets]
        assert len(owners) <= 1, f"{place} was given twice"
        return owners[0] if owners else None

    def free(self, ended: Collection[ModelHold]) -> set[Place]:
        places = [(row, pos) for row in range(ROWS) for pos in range(SEATS)]
        owners = {place: self.owner(place) for place in places}
        return {place for place, one in owners.items() if one is None or one in ended}

    def counted(self, user: int) -> int:
        held = sum(hold.tickets for hold in self.holds if hold.live and hold.user == user)
        return held + sum(one.valid and one.buyer == user for one in self.tickets)

    def open_hold(self, user: int) -> ModelHold | None:
        own = [one for one in self.holds if one.user == user and one.entry is None]
        return next((one for one in own if one.state == "OPEN"), None)

    def hold(self, user: int, wish: WishedPlaces) -> Codes:
        held = self.open_hold(user)
        if held is not None and not held.over:
            return {"HOLD_EXISTS"}
        return self._take(user, wish, None, [held] if held else [])

    def change(self, hold: ModelHold, wish: WishedPlaces) -> Codes:
        if hold.state != "OPEN" or hold.over:
            return {"HOLD_EXPIRED"}
        more = wish.standing > hold.standing or wish.seated > len(hold.seats)
        if hold.entry and more:
            return {"TICKETS_SOLD_OUT"}
        return self._take(hold.user, wish, hold, [])

    def _take(
        self, user: int, wish: WishedPlaces, former: ModelHold | None, ended: list[ModelHold]
    ) -> Codes:
        """Plan what a hold takes, once with what is free, and once with what has expired."""
        lapsed = [one for one in self.holds if one.lapsed and one not in ended]
        for refuses in (self._no_room, self._no_seats):
            codes = refuses(wish, former, ended)
            if codes and lapsed:
                ended, lapsed = [*ended, *lapsed], []
                codes = refuses(wish, former, ended)
            if codes:
                return codes
        before = sum(one.tickets for one in ended if one.user == user)
        more = wish.tickets - (former.tickets if former else 0)
        if more > 0 and self.counted(user) - before + more > MOST:
            return {"TICKET_LIMIT"}
        for one in ended:
            self.end_hold(one, "EXPIRED")
        return set()

    def _no_room(
        self, wish: WishedPlaces, former: ModelHold | None, ended: Collection[ModelHold]
    ) -> Codes:
        given_back = sum(one.standing for one in ended)
        returns = any(one.standing and waits_again(one) for one in ended)
        more = wish.standing - (former.standing if former else 0)
        full = self.left + given_back < more
        closed = more > 0 and (self.closed or returns)
        return {"TICKETS_SOLD_OUT"} if wish.standing and (full or closed) else set()

    def _no_seats(
        self, wish: WishedPlaces, former: ModelHold | None, ended: Collection[ModelHold]
    ) -> Codes:
        own, closed = [former] if former else [], set(self.closed_rows)
        closed |= {row for one in ended if waits_again(one) for row, _ in one.seats}
        free = {place for place in self.free([*ended, *own]) if place[0] not in closed}
        kept = former.seats if former else set()
        if wish.places:
            return set() if wish.places <= free | kept else {"SEATS_TAKEN"}
        if wish.seats <= len(kept):
            return set()
        longest = longest_run(free)
        if wish.seats <= longest:
            return set()
        return {"NO_SEATS_TOGETHER"} if longest else {"TICKETS_SOLD_OUT"}

    def end_hold(self, hold: ModelHold, state: str) -> None:
        hold.state = state
        entry = hold.entry
        if entry is None or entry.state != "HOLDING":
            return
        entry.unanswered += state != "RELEASED"
        lapses = entry.unanswered >= MAX_UNANSWERED
        entry.state = "LEFT" if state == "RELEASED" else "LAPSED" if lapses else "WAITING"
        if entry.state == "WAITING":
            self.closed = self.closed or bool(hold.standing)
            self.closed_rows |= {row for row, _ in hold.seats}

    def release(self, hold: ModelHold) -> Codes:
        if hold.state == "CHECKOUT":
            return {"HOLD_EXPIRED"}
        if hold.state == "OPEN":
            self.end_hold(hold, "RELEASED")
        return set()

    def order(self, hold: ModelHold) -> Codes:
        if hold.state != "OPEN" or hold.over:
            return {"HOLD_EXPIRED"}
        hold.state, hold.order_state = "CHECKOUT", "PENDING"
        return set()

    def pay(self, hold: ModelHold) -> Codes:
        if hold.order_state == "CONFIRMED":
            return {"ORDER_PAID"}
        if hold.order_state == "CANCELLED":
            return {"ORDER_STATE"}
        if hold.order_state == "EXPIRED":
            codes = self._no_way_back(hold)
            if codes:
                return codes
        hold.state, hold.order_state = "SOLD", "CONFIRMED"
        if hold.entry and hold.entry.live:
            hold.entry.state = "SERVED"
        return set()

    def _no_way_back(self, hold: ModelHold) -> Codes:
        """Return why an order that is paid late does not get the same again."""
        free = {place for place in self.free(()) if place[0] not in self.closed_rows}
        taken = not hold.seats <= free
        if taken or (hold.standing and (self.closed or self.left < hold.standing)):
            return {"TICKETS_SOLD_OUT"}
        over = self.counted(hold.user) + hold.tickets > MOST
        return {"TICKET_LIMIT"} if over else set()

    def end_order(self, hold: ModelHold, state: str) -> None:
        hold.order_state = state
        self.end_hold(hold, "EXPIRED")

    def cancel(self, ticket: ModelTicket, user: int, *, used: bool) -> Codes:
        if ticket.holder != user:
            return {"NOT_FOUND"}
        if not ticket.valid:
            return {"TICKET_CANCELLED"}
        if used:
            return {"TICKET_USED"}
        ticket.valid, ticket.to = False, None
        ticket.generation += 1
        return set()

    def transfer(self, ticket: ModelTicket, user: int, to: int, *, used: bool) -> Codes:
        if ticket.holder != user:
            return {"NOT_FOUND"}
        if not ticket.valid:
            return {"TICKET_CANCELLED"}
        if used:
            return {"TICKET_USED"}
        if ticket.to is not None:
            return {"TRANSFER_STATE"}
        if to == user:
            return {"INVALID_INPUT"}
        ticket.to = to
        return set()

    def accept(self, ticket: ModelTicket, *, used: bool) -> Codes:
        if ticket.to is None:
            return {"TRANSFER_STATE"}
        if used:
            return {"TICKET_USED"}
        ticket.holder, ticket.to = ticket.to, None
        ticket.generation += 1
        return set()

    def join(self, user: int, least: int, *, seated: bool) -> Codes:
        if MOST - self.counted(user) < least:
            return {"TICKET_LIMIT"}
        seats = {place for place in self.free(()) if place[0] not in self.closed_rows}
        if seats if seated else self.left > 0 and not self.closed:
            return {"TICKETS_LEFT"}
        if any(one.user == user and one.live for one in self.entries):
            return {"ALREADY_WAITING"}
        self._close(standing=not seated, seated=seated)
        return set()

    def _close(self, *, standing: bool, seated: bool) -> None:
        self.closed = self.closed or standing
        self.closed_rows |= set(range(ROWS)) if seated else set()

    def leave(self, entry: ModelEntry) -> Codes:
        if entry.state == "LEFT":
            return set()
        if not entry.live:
            return {"WAITLIST_STATE"}
        hold = next((one for one in self.holds if one.entry is entry and one.live), None)
        if hold is not None and hold.state == "CHECKOUT":
            return {"HOLD_EXPIRED"}
        if hold is not None:
            self.end_hold(hold, "RELEASED")
        entry.state = "LEFT"
        return set()

    def serve(self) -> list[ModelHold]:
        """Serve those who wait, and return their holds."""
        served: list[ModelHold] = []
        for hold in self.holds:
            if hold.lapsed:
                self.end_hold(hold, "EXPIRED")
        looks_at_seats = bool(self.closed_rows) or any(one.seated for one in self._waiting())
        while (found := self._serve_one(looks_at_seats)) is not None:
            served.append(found)
            self.holds.append(found)
        self.closed, self.closed_rows = False, set()
        for entry in self._waiting():
            self._close(standing=not entry.seated, seated=entry.seated)
        return served

    def _waiting(self) -> list[ModelEntry]:
        return [one for one in self.entries if one.state == "WAITING"]

    def _serve_one(self, looks_at_seats: bool) -> ModelHold | None:
        """Serve the next entry. Which seats it gets is not known: these are any that are free."""
        passed: list[ModelEntry] = []
        blocked: set[bool] = set()
        free = sorted(self.free(())) if looks_at_seats else []
        if not (self.left or free):
            return None
        for entry in self._waiting():
            if MOST - self.counted(entry.user) < entry.least:
                entry.state = "LAPSED"
        for entry in self._waiting():
            left = len(free) if entry.seated else self.left
            number = min(entry.most, MOST - self.counted(entry.user), left)
            if entry.seated not in blocked and number >= entry.least:
                entry.state = "HOLDING"
                for one in passed:
                    one.skips += one.seated == entry.seated
                if entry.seated:
                    return ModelHold(entry.user, 0, set(free[:number]), entry=entry)
                return ModelHold(entry.user, number, entry=entry)
            if entry.skips >= MAX_SKIPS:
                blocked.add(entry.seated)
            passed.append(entry)
        return None


def waits_again(hold: ModelHold) -> bool:
    """Return whether the entry of a hold waits again if the hold expires."""
    return hold.entry is not None and hold.entry.unanswered + 1 < MAX_UNANSWERED


def longest_run(places: Iterable[Place]) -> int:
    """Return the length of the longest run of neighbouring places."""
    found, longest = set(places), 0
    for row, pos in found:
        length = 1
        while (row, pos + length) in found:
            length += 1
        longest = max(longest, length)
    return longest
