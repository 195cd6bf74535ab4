"""The state machine of tickets: each step acts on the product and on the model."""

import asyncio
import os
from collections.abc import Coroutine
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from core.clock import now
from models.events.check_in.drafts import OfflineScanDraft
from models.events.check_in.lists import ScanReason
from models.events.tickets import TicketState
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.events import VIOLATIONS
from tests.invariants.ledger import check_books
from tests.services.events.machine.folded import ensure_folded
from tests.services.events.machine.model import (
    MOST,
    ROWS,
    SEATS,
    DateModel,
    ModelEntry,
    ModelHold,
    ModelTicket,
    Place,
    WishedPlaces,
)
from tests.services.events.machine.product import DrivenDate
from tests.services.orders.machine.product import code_of

EXAMPLES = os.environ.get("TICKET_MACHINE_EXAMPLES")


STEPS = 50


PEOPLE = 4


CLOCKS = [timedelta(), timedelta(minutes=-7), timedelta(hours=3)]  # of the scanners


USERS = st.integers(0, PEOPLE - 1)


SCANNERS = st.integers(0, len(CLOCKS) - 1)


PLACES = st.frozensets(
    st.tuples(st.integers(0, ROWS - 1), st.integers(0, SEATS - 1)), min_size=1, max_size=3
)


WISHES = st.one_of(
    st.builds(WishedPlaces, standing=st.integers(1, 3)),
    st.builds(WishedPlaces, standing=st.integers(0, 2), seats=st.integers(1, 3)),
    st.builds(WishedPlaces, standing=st.integers(0, 1), places=PLACES),
)


class TicketMachine(RuleBasedStateMachine):
    """Drives services and the model. `world` and `loop` are set by the test."""

    world: World
    loop: asyncio.AbstractEventLoop
    holds: Bundle[ModelHold] = Bundle("holds")
    tickets: Bundle[ModelTicket] = Bundle("tickets")
    entries: Bundle[ModelEntry] = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self.model = DateModel()
        self.ids: dict[ModelHold | ModelTicket | ModelEntry, UUID] = {}
        self.orders: dict[ModelHold, UUID] = {}
        self.logs: list[list[OfflineScanDraft]] = [[] for _ in CLOCKS]
        self.scanned = False
        self.chance = Random(7)

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result()

    def attempt(self, expected: set[str], step: Coroutine[Any, Any, Any]) -> Any:
        """Run a step, which is refused with one of these codes, or is not if there are none."""
        code, result = self.run(code_of(step))
        wanted: set[str | None] = {*expected} or {None}
        assert code in wanted, f"{code} instead of {expected or 'success'}"
        return result

    @initialize()
    def open(self) -> None:
        self.product = self.run(DrivenDate.open(self.world, PEOPLE, CLOCKS))

    @rule(target=holds, user=USERS, wish=WISHES)
    def hold(self, user: int, wish: WishedPlaces) -> Any:
        codes = self.model.hold(user, wish)
        hold_id = self.attempt(codes, self.product.hold(user, wish))
        if codes:
            return multiple()
        hold = ModelHold(user, wish.standing)
        self.ids[hold] = hold_id
        self._take(hold, wish)
        return hold

    def _take(self, hold: ModelHold, wish: WishedPlaces) -> None:
        """Note which seats a hold got: free ones, as wanted, and together."""
        got = self.run(self.product.places(self.ids[hold]))
        former, hold.seats = hold.seats, set()
        assert got <= self.model.free(())
        assert len(got) == wish.seated
        if wish.places:
            assert got == wish.places
        elif not got <= former:
            rows, positions = {row for row, _ in got}, [pos for _, pos in got]
            assert len(rows) == 1
            assert max(positions) - min(positions) == len(got) - 1
        hold.seats, hold.standing = got, wish.standing
        if hold not in self.model.holds:
            self.model.holds.append(hold)

    @rule(hold=holds, wish=WISHES)
    def change(self, hold: ModelHold, wish: WishedPlaces) -> None:
        codes = self.model.change(hold, wish)
        self.attempt(codes, self.product.change(hold.user, self.ids[hold], wish))
        if not codes:
            self._take(hold, wish)

    @rule(hold=holds)
    def release(self, hold: ModelHold) -> None:
        step = self.product.release(hold.user, self.ids[hold])
        self.attempt(self.model.release(hold), step)

    @rule(hold=holds)
    def let_pass(self, hold: ModelHold) -> None:
        """Let the time of a hold pass. The job is late."""
        if hold.state == "OPEN":
            self.run(self.product.let_pass(self.ids[hold]))
            hold.over = True

    @rule()
    def expire(self) -> None:
        """Run the job of all holds. It ends those whose time is over."""
        self.run(self.product.expire([self.ids[hold] for hold in self.model.holds]))
        for hold in self.model.holds:
            if hold.lapsed:
                self.model.end_hold(hold, "EXPIRED")

    @rule(hold=holds)
    def order(self, hold: ModelHold) -> None:
        codes = self.model.order(hold)
        order_id = self.attempt(codes, self.product.order(hold.user, self.ids[hold]))
        if not codes:
            self.orders[hold] = order_id

    @rule(target=tickets, user=USERS, wish=WISHES)
    def buy(self, user: int, wish: WishedPlaces) -> Any:
        """Do all that a ticket takes at once, so that runs have many of them."""
        hold = self.hold(user, wish)
        if not isinstance(hold, ModelHold):
            return multiple()
        self.order(hold)
        return self.pay(hold)

    @rule(target=tickets, hold=holds)
    def pay(self, hold: ModelHold) -> Any:
        """Record that an order was paid, in time or late. What is refused changes nothing."""
        if hold not in self.orders or hold.returned:
            return multiple()
        codes = self.model.pay(hold)
        self.attempt(codes, self.product.pay(self.orders[hold]))
        return multiple() if codes else self._issue(hold)

    @rule(target=tickets, hold=holds)
    def receive_money(self, hold: ModelHold) -> Any:
        """Collect money that no one can refuse: it is tickets or a refund, and never both."""
        if hold not in self.orders or hold.returned or hold.order_state == "CONFIRMED":
            return multiple()
        codes = self.model.pay(hold)
        self.run(self.product.receive_money(self.orders[hold]))
        refunds = self.run(self.product.refunded(self.orders[hold]))
        assert refunds == (["LATE_PAYMENT"] if codes else [])
        hold.returned = bool(codes)
        return multiple() if codes else self._issue(hold)

    def _issue(self, hold: ModelHold) -> Any:
        rows = self.run(self.product.tickets(self.ids[hold]))
        assert len(rows) == hold.tickets
        made = []
        for row in rows:
            place = self.product.place(row.seat_id) if row.seat_id else None
            made.append(ModelTicket(hold.user, hold.user, place))
            self.ids[made[-1]] = row.id
        assert {one.place for one in made if one.place} == hold.seats, "sold seats = held seats"
        self.model.tickets += made
        return multiple(*made)

    @rule(hold=holds)
    def expire_order(self, hold: ModelHold) -> None:
        """Let the time of an order pass, and run its job."""
        if hold in self.orders:
            ends = hold.order_state == "PENDING"
            assert self.run(self.product.expire_order(self.orders[hold])) == ends
            if ends:
                self.model.end_order(hold, "EXPIRED")

    @rule(hold=holds)
    def cancel_order(self, hold: ModelHold) -> None:
        """Cancel an order that is not paid. Tickets that were sold are cancelled by themselves."""
        if hold in self.orders:
            ends = hold.order_state == "PENDING"
            step = self.product.cancel_order(hold.user, self.orders[hold])
            self.attempt(set() if ends else {"ORDER_STATE"}, step)
            if ends:
                self.model.end_order(hold, "CANCELLED")

    @rule(ticket=tickets, user=USERS)
    def cancel(self, ticket: ModelTicket, user: int) -> None:
        codes = self.model.cancel(ticket, user, used=self._used(ticket))
        self.attempt(codes, self.product.cancel(user, self.ids[ticket]))

    @rule(ticket=tickets)
    def cancel_own(self, ticket: ModelTicket) -> None:
        self.cancel(ticket, ticket.holder)

    @rule(ticket=tickets, to=USERS)
    def transfer(self, ticket: ModelTicket, to: int) -> None:
        user, used = ticket.holder, self._used(ticket)
        codes = self.model.transfer(ticket, user, to, used=used)
        self.attempt(codes, self.product.transfer(user, self.ids[ticket], to))

    @rule(ticket=tickets, act=st.sampled_from(["accept", "accept", "withdraw", "decline"]))
    def end_transfer(self, ticket: ModelTicket, act: str) -> None:
        transfer_id = self.run(self.product.pending(self.ids[ticket]))
        assert (transfer_id is not None) == (ticket.to is not None)
        if ticket.to is None:
            return
        receiver = ticket.to
        if act == "accept":
            codes = self.model.accept(ticket, used=self._used(ticket))
            self.attempt(codes, self.product.accept(receiver, transfer_id))
        else:
            users = ticket.holder, receiver
            self.run(self.product.end_transfer(users, transfer_id, act))
            ticket.to = None

    @rule(
        target=entries,
        user=USERS,
        least=st.integers(1, 2),
        more=st.integers(0, 2),
        seated=st.booleans(),
    )
    def join(self, user: int, least: int, more: int, seated: bool) -> Any:
        codes = self.model.join(user, least, seated=seated)
        step = self.product.join(user, least, least + more, seated=seated)
        entry_id = self.attempt(codes, step)
        if codes:
            return multiple()
        entry = ModelEntry(user, least, least + more, seated)
        self.model.entries.append(entry)
        self.ids[entry] = entry_id
        return entry

    @rule(target=entries, user=USERS, most=st.integers(1, 3))
    def sell_out_and_join(self, user: int, most: int) -> Any:
        """Let the others hold the seats that are left, so that the user can wait for some."""
        for other in range(PEOPLE):
            free = sorted(self.model.free(()))[: MOST - self.model.counted(other)]
            if free and other != user and self.model.open_hold(other) is None:
                self.hold(other, WishedPlaces(0, places=frozenset(free)))
        return self.join(user, 1, most - 1, seated=True)

    @rule(at=st.integers(0, 9), over=st.booleans())
    def free_some(self, at: int, over: bool) -> None:
        """Release an open hold, or let its time pass: also one that was made by another step."""
        open_holds = [one for one in self.model.holds if one.state == "OPEN"]
        if open_holds:
            hold = open_holds[at % len(open_holds)]
            self.let_pass(hold) if over else self.release(hold)

    @rule(entry=entries)
    def leave(self, entry: ModelEntry) -> None:
        step = self.product.leave(entry.user, self.ids[entry])
        self.attempt(self.model.leave(entry), step)

    @rule(target=holds)
    def serve(self) -> Any:
        """Run the job that serves those who wait. Each gets as many real seats as it is due."""
        self.run(self.product.serve())
        served = self.model.serve()
        got: list[set[Place]] = []
        for hold in served:
            assert hold.entry is not None
            self.ids[hold] = self.run(self.product.hold_of(self.ids[hold.entry]))
            got.append(self.run(self.product.places(self.ids[hold])))
            assert len(got[-1]) == len(hold.seats)
            hold.seats = set()
        free = self.model.free(())
        for hold, seats in zip(served, got, strict=True):
            assert seats <= free
            hold.seats = seats
            free -= seats
        return multiple(*served)

    @rule(ticket=tickets, scanner=SCANNERS, former=st.booleans())
    def scan(self, ticket: ModelTicket, scanner: int, former: bool) -> None:
        """Scan a ticket at a gate with a network, perhaps with a code that it had before."""
        row = self.run(self.product.ticket(self.ids[ticket]))
        generation = 1 if former else ticket.generation
        expected = self._reason(ticket, generation)
        assert self.run(self.product.scan(scanner, row, generation)) == expected
        self.scanned = True

    def _reason(self, ticket: ModelTicket, generation: int) -> ScanReason:
        if not ticket.valid:
            return ScanReason.CANCELLED
        if generation != ticket.generation:
            return ScanReason.OLD_GENERATION
        if ticket.to is not None:
            return ScanReason.IN_TRANSFER
        return ScanReason.USED_UP if self._used(ticket) else ScanReason.ADMITTED

    def _used(self, ticket: ModelTicket) -> bool:
        used: bool = self.run(self.product.used(self.ids[ticket]))
        return used

    @rule(ticket=tickets, scanner=SCANNERS, former=st.booleans())
    def scan_offline(self, ticket: ModelTicket, scanner: int, former: bool) -> None:
        """Let a ticket in without a network. The scanner keeps it."""
        row = self.run(self.product.ticket(self.ids[ticket]))
        log, generation = self.logs[scanner], 1 if former else ticket.generation
        log.append(self.product.offline(row, generation, now() + CLOCKS[scanner], len(log)))

    @rule(scanner=SCANNERS, chosen=st.randoms(use_true_random=False))
    def sync(self, scanner: int, chosen: Random) -> None:
        """Send some scans of a scanner, in any order, also those that were sent before."""
        log = self.logs[scanner]
        if log:
            scans = chosen.sample(log, chosen.randint(1, len(log)))
            self.run(self.product.sync(scanner, CLOCKS[scanner], scans))
            self.scanned = True

    @invariant()
    def sweep(self) -> None:
        """Check after each step that counters are sums of rows, and each seat has one owner."""
        if hasattr(self, "product"):
            self.run(self._sweep())

    async def _sweep(self) -> None:
        async with self.world.database.session() as session:
            found = (await session.execute(VIOLATIONS)).all()
        assert not found, found
        if self.scanned:
            await ensure_folded(self.product, self.chance)

    def teardown(self) -> None:
        if hasattr(self, "product"):
            self.run(self._compare())

    async def _compare(self) -> None:
        """Sweep all rows, and compare those of the run with the model."""
        await check_invariants(self.world.database)
        await check_books(self.world.database)
        quota = await self.world.fresh(self.product.quota)
        assert (quota.left, quota.waitlist_first) == (self.model.left, self.model.closed)
        assert await self.product.closed_rows() == self.model.closed_rows
        for hold in self.model.holds:
            assert await self.product.state_of(self.ids[hold]) == hold.state
        for entry in self.model.entries:
            row = await self.product.entry(self.ids[entry])
            assert (row.state, row.skips) == (entry.state, entry.skips)
        for ticket in self.model.tickets:
            await self._compare_ticket(ticket)
        for place, state in (await self.product.seats()).items():
            owner = self.model.owner(place)
            taken = "HELD" if isinstance(owner, ModelHold) else "SOLD"
            assert state == (taken if owner else "FREE"), place

    async def _compare_ticket(self, ticket: ModelTicket) -> None:
        row = await self.product.ticket(self.ids[ticket])
        assert (row.state is TicketState.VALID) == ticket.valid
        assert row.generation == ticket.generation
        assert row.holder_id == self.product.users[ticket.holder].id
        assert row.buyer_id == self.product.users[ticket.buyer].id
