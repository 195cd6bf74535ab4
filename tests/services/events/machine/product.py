"""The product that the machine drives: services, on a real database."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select, update

from core.clock import now
from core.ids import new_id
from models.events.check_in.drafts import OfflineScanDraft, ScanDraft, SyncDraft
from models.events.check_in.lists import ScanReason
from models.events.check_in.scans import ScanLight, TicketPresence
from models.events.seats.seat_maps import SeatPlace, SeatRow
from models.events.selling.holds import HoldDraft, HoldLine, TicketHold, WantedTickets
from models.events.selling.waitlist import WaitlistDraft, WaitlistEntry
from models.events.ticket_types import TicketQuota, TicketType
from models.events.tickets import CancelTicketDraft, Ticket, TicketTransfer, TransferState
from models.orders.lines import LineKind
from models.vendors import MemberRole
from services.events.check_in.checking import check_in
from services.events.check_in.syncing import sync_scans
from services.events.holds.ending import expire_holds
from services.events.holds.holding import change_hold, hold_tickets, release_hold
from services.events.tickets.cancelling import cancel_ticket
from services.events.transfers import giving, receiving
from services.events.waitlist.joining import join_waitlist, leave_waitlist
from services.events.waitlist.serving import serve_waitlist
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.buying import Unheard
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.events.door import Door
from tests.resolvers.events.hall import Hall
from tests.services.events.machine.model import CAPACITY, MOST, ROWS, SEATS, Place, WishedPlaces
from tests.services.orders.driven import DrivenOrders, key

PAST = text("UPDATE seat_place SET expires_at = now() - interval '1 second' WHERE hold_id = :id")


class DrivenDate(DrivenOrders):
    """A date with standing places of a quota, seats, a check-in list and scanners."""

    kind = LineKind.TICKET
    hall: Hall
    door: Door
    quota: TicketQuota
    standing: TicketType
    keys: list[str]  # of the scanners

    @classmethod
    async def open(cls, world: World, users: int, clocks: Sequence[timedelta]) -> Self:
        self = cls()
        self.world = world
        self.hall = await Hall.open(
            world,
            rows=ROWS,
            seats=SEATS,
            max_per_user=MOST,
            orphan_rule="OFF",
            refund_hours=1,
        )
        hall = self.hall
        self.quota = await world.quota(hall.date, CAPACITY)
        self.standing = await world.ticket_type(hall.event, self.quota)
        self.users = [await world.user() for _ in range(users)]
        self.admin = await world.admin()
        self.door = door = Door()
        door.world, door.vendor, door.event, door.date = world, hall.vendor, hall.event, hall.date
        door.door = await world.check_in_list(hall.date)
        door.member = await new_member(world, hall.vendor, MemberRole.SCANNER)
        self.keys = [(await door.scanner())[1] for _ in clocks]
        self.transactions = Transactions(world.database, Unheard(), notify_after=timedelta())
        return self

    def draft(self, wish: WishedPlaces) -> HoldDraft:
        lines = {self.standing.id: wish.standing, self.hall.kind.id: wish.seated}
        seats = [self.hall.rows[row][pos].id for row, pos in sorted(wish.places)]
        return HoldDraft(
            lines=[
                WantedTickets(ticket_type_id=id, quantity=units)
                for id, units in lines.items()
                if units
            ],
            seat_ids=seats or None,
        )

    async def hold(self, user: int, wish: WishedPlaces) -> UUID:
        async with self.transactions.begin_prepared() as unit:
            hold = await hold_tickets(
                unit,
                self.viewer(user),
                self.world.keys,
                event_date_id=self.hall.date.id,
                draft=self.draft(wish),
                idempotency_key=key(),
            )
            return hold.id

    async def change(self, user: int, hold_id: UUID, wish: WishedPlaces) -> None:
        async with self.transactions.begin_prepared() as unit:
            await change_hold(
                unit,
                self.viewer(user),
                hold_id=hold_id,
                draft=self.draft(wish),
                idempotency_key=key(),
            )

    async def release(self, user: int, hold_id: UUID) -> None:
        viewer = self.viewer(user)
        await self.do(lambda session: release_hold(session, viewer, hold_id=hold_id))

    async def places(self, hold_id: UUID) -> set[Place]:
        """Return the seats that a hold has."""
        rows = select(HoldLine.seat_id).where(HoldLine.hold_id == hold_id)
        async with self.world.database.session() as session:
            return {self.place(id) for id in (await session.exec(rows)).all() if id is not None}

    def place(self, seat_id: UUID) -> Place:
        (found,) = [
            (row, seat.pos)
            for row, seats in enumerate(self.hall.rows)
            for seat in seats
            if seat.id == seat_id
        ]
        return found

    async def let_pass(self, hold_id: UUID) -> None:
        """Let the time of a hold pass. The job is late."""
        over = update(TicketHold).where(col(TicketHold.id) == hold_id)
        async with self.world.database.session() as session, session.begin():
            await session.exec(over.values(expires_at=now() - timedelta(seconds=1)))
            await session.execute(PAST, {"id": hold_id})

    async def expire(self, hold_ids: Sequence[UUID]) -> None:
        await self.do(lambda session: expire_holds(session, sorted(hold_ids)))

    async def tickets(self, hold_id: UUID) -> list[Ticket]:
        rows = select(Ticket).where(Ticket.hold_id == hold_id).order_by(col(Ticket.id))
        async with self.world.database.session() as session:
            return list((await session.exec(rows)).all())

    async def ticket(self, ticket_id: UUID) -> Ticket:
        async with self.world.database.session() as session:
            return await session.get_one(Ticket, ticket_id)

    async def cancel(self, user: int, ticket_id: UUID) -> None:
        viewer = self.viewer(user)
        await self.do(
            lambda session: cancel_ticket(
                session, viewer, CancelTicketDraft(), ticket_id=ticket_id, idempotency_key=key()
            )
        )

    async def transfer(self, user: int, ticket_id: UUID, to: int) -> None:
        viewer, receiver = self.viewer(user), self.users[to].id
        await self.do(
            lambda session: giving.transfer_ticket(
                session,
                viewer,
                self.world.sealer,
                ticket_id=ticket_id,
                receiver=receiver,
                charge=lambda _: nullcontext(),
                idempotency_key=key(),
            )
        )

    async def pending(self, ticket_id: UUID) -> UUID | None:
        rows = select(TicketTransfer.id).where(
            TicketTransfer.ticket_id == ticket_id, TicketTransfer.state == TransferState.PENDING
        )
        async with self.world.database.session() as session:
            return (await session.exec(rows)).first()

    async def accept(self, user: int, transfer_id: UUID) -> None:
        viewer = self.viewer(user)
        await self.do(
            lambda session: receiving.accept_transfer(
                session, viewer, transfer_id=transfer_id, code=None, idempotency_key=key()
            )
        )

    async def end_transfer(self, ticket: tuple[int, int], transfer_id: UUID, act: str) -> None:
        giver, receiver = self.viewer(ticket[0]), self.viewer(ticket[1])
        if act == "withdraw":
            await self.do(
                lambda session: giving.withdraw_transfer(session, giver, transfer_id=transfer_id)
            )
        else:
            await self.do(
                lambda session: receiving.decline_transfer(
                    session, receiver, transfer_id=transfer_id, code=None
                )
            )

    async def join(self, user: int, least: int, most: int, *, seated: bool) -> UUID:
        kind = self.hall.kind if seated else self.standing
        draft = WaitlistDraft(type_ids=[kind.id], least=least, most=most)
        viewer = self.viewer(user)
        entry = await self.do(
            lambda session: join_waitlist(
                session,
                viewer,
                event_date_id=self.hall.date.id,
                draft=draft,
                idempotency_key=key(),
            )
        )
        id: UUID = entry.id
        return id

    async def leave(self, user: int, entry_id: UUID) -> None:
        viewer = self.viewer(user)
        await self.do(lambda session: leave_waitlist(session, viewer, entry_id=entry_id))

    async def serve(self) -> None:
        await self.do(lambda session: serve_waitlist(session, self.hall.date.id))

    async def entry(self, entry_id: UUID) -> WaitlistEntry:
        async with self.world.database.session() as session:
            return await session.get_one(WaitlistEntry, entry_id)

    async def hold_of(self, entry_id: UUID) -> UUID:
        rows = (
            select(TicketHold.id)
            .where(TicketHold.entry_id == entry_id)
            .order_by(col(TicketHold.id).desc())
        )
        async with self.world.database.session() as session:
            return (await session.exec(rows.limit(1))).one()

    async def state_of(self, hold_id: UUID) -> str:
        async with self.world.database.session() as session:
            return str((await session.get_one(TicketHold, hold_id)).state)

    async def used(self, ticket_id: UUID) -> bool:
        rows = select(TicketPresence.entries).where(TicketPresence.ticket_id == ticket_id)
        async with self.world.database.session() as session:
            return any((await session.exec(rows)).all())

    async def scan(self, scanner: int, ticket: Ticket, generation: int) -> ScanReason:
        draft = ScanDraft(
            scan_id=new_id(), seq=1, scanned_at=now(), token=self.door.token(ticket, generation)
        )
        async with self.transactions.begin_prepared() as unit:
            scan = await check_in(
                unit,
                Viewer(user_id=self.door.member.id),
                self.world.keys,
                list_id=self.door.door.id,
                scanner_key=self.keys[scanner],
                draft=draft,
            )
            return scan.reason

    def offline(self, ticket: Ticket, generation: int, at: datetime, seq: int) -> OfflineScanDraft:
        token = self.door.token(ticket, generation)
        return OfflineScanDraft(
            scan_id=new_id(), seq=seq, scanned_at=at, token=token, shown=ScanLight.GREEN
        )

    async def sync(self, scanner: int, clock: timedelta, scans: Sequence[OfflineScanDraft]) -> None:
        async with self.transactions.begin_prepared() as unit:
            await sync_scans(
                unit,
                Viewer(user_id=self.door.member.id),
                self.world.keys,
                list_id=self.door.door.id,
                scanner_key=self.keys[scanner],
                draft=SyncDraft(clock=now() + clock, scans=list(scans)),
            )

    async def seats(self) -> dict[Place, str]:
        rows = select(SeatPlace).where(SeatPlace.event_date_id == self.hall.date.id)
        async with self.world.database.session() as session:
            return {self.place(one.seat_id): one.state for one in await session.exec(rows)}

    async def closed_rows(self) -> set[int]:
        """Return the rows that are closed for those who wait."""
        rows = select(SeatRow.row_id).where(
            SeatRow.event_date_id == self.hall.date.id, col(SeatRow.waitlist_first)
        )
        async with self.world.database.session() as session:
            closed = set((await session.exec(rows)).all())
        return {at for at, row in enumerate(self.hall.rows) if row[0].row_id in closed}
