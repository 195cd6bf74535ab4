"""Events with their venues, charts, dates, ticket types and quotas, and tickets of them."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from core.clock import now
from core.ids import new_id
from core.security.codes import new_code
from core.text.search_text import searchable
from core.wall import wall
from models.events.check_in.lists import CheckInList, ScanOutcome, ScanReason
from models.events.check_in.scanners import Scanner
from models.events.check_in.scans import Scan, ScanLight, TicketPresence
from models.events.dates import EventDate
from models.events.events import Event, EventSlug, EventState
from models.events.seats.charts import (
    Chart,
    ChartRow,
    ChartSection,
    ChartState,
    PriceCategory,
    Seat,
    SectionKind,
)
from models.events.selling.holds import HoldLine, TicketBuyer, TicketHold
from models.events.selling.sale_queue import SEED_BYTES, SaleQueue, SaleQueueState
from models.events.selling.waitlist import WaitlistEntry
from models.events.ticket_types import PriceTier, TicketQuota, TicketType, TypeQuota
from models.events.tickets import Ticket, TicketSource, TicketTransfer, TransferTo
from models.events.venues import Venue
from models.identity.accounts import User
from models.vendors import Vendor
from services.events.seats.opening import open_seats
from services.events.waitlist.first import settle_waitlist_first
from tests.factories.base import NUMBERS, RowStore


class EventRows(RowStore):
    """Creates events and what is sold for them."""

    async def venue(self, vendor: Vendor, **values: Any) -> Venue:
        """Return a venue at the vendor's place."""
        given = {
            "name": f"Venue {next(NUMBERS)}",
            "street_lines": ["12 MG Road"],
            **vendor.model_dump(include=set(PLACE) | {"time_zone"}),
        } | values
        venue = Venue(vendor_id=vendor.id, **given)
        await self.save(venue)
        return venue

    async def chart(
        self, venue: Venue, *, rows: int = 2, seats: int = 10, standing: int = 0, **values: Any
    ) -> Chart:
        """Return a published chart with so many rows of seats, of one price category."""
        given = {"name": f"Chart {next(NUMBERS)}", "state": ChartState.PUBLISHED} | values
        if given["state"] != ChartState.DRAFT:
            given.setdefault("published_at", now())
        chart = Chart(
            vendor_id=venue.vendor_id,
            venue_id=venue.id,
            seats=rows * seats,
            standing=standing,
            **given,
        )
        category = PriceCategory(chart_id=chart.id, name="Stalls", colour="#336699")
        section = ChartSection(chart_id=chart.id, name="Stalls", kind=SectionKind.SEATED)
        made: list[Any] = [chart, category, section]
        for number in range(rows):
            row = ChartRow(
                section_id=section.id,
                category_id=category.id,
                label=chr(ord("A") + number) if number < 26 else f"R{number + 1}",
                rank=number,
                centre=(seats - 1) / 2,
            )
            made.append(row)
            made += [
                Seat(row_id=row.id, number=str(pos + 1), pos=pos, x=pos, y=number)
                for pos in range(seats)
            ]
        if standing:
            made.append(
                ChartSection(
                    chart_id=chart.id,
                    name="Pit",
                    kind=SectionKind.STANDING,
                    capacity=standing,
                    position=1,
                )
            )
        await self.save(*made)
        return chart

    async def event(self, vendor: Vendor, **values: Any) -> Event:
        """Return a published event at the vendor's place. Without a date it is not listed."""
        number = next(NUMBERS)
        given: dict[str, Any] = {
            "category_id": vendor.category_id,
            "state": EventState.PUBLISHED,
            "locale": vendor.locale,
            "title": {"en": f"Concert {number}"},
            "currency": vendor.currency,
            **vendor.model_dump(include=set(PLACE) - {"street_lines", "subdivision"}),
        } | values
        if given["state"] not in {EventState.DRAFT, EventState.ARCHIVED}:
            given.setdefault("published_at", now())
        slug = given.pop("slug", f"concert-{number}")
        text = searchable(*given["title"].values(), vendor.name, vendor.city)
        event = Event(vendor_id=vendor.id, search_text=text, **given)
        await self.save(event, EventSlug(slug=slug, event_id=event.id))
        return event

    async def event_date(
        self, event: Event, venue: Venue | None = None, **values: Any
    ) -> EventDate:
        """Return a date in a week, of two hours. It is the event's next one, if it is earlier."""
        zone = venue.time_zone if venue else "Asia/Kolkata"
        starts_at = values.pop("starts_at", now() + timedelta(days=7))
        ends_at = values.pop("ends_at", starts_at + timedelta(hours=2))
        start = wall(starts_at, zone)
        date = EventDate(
            event_id=event.id,
            vendor_id=event.vendor_id,
            venue_id=venue.id if venue else None,
            time_zone=zone,
            local_start=start.replace(fold=0),
            local_end=wall(ends_at, zone).replace(fold=0),
            fold=start.fold,
            starts_at=starts_at,
            ends_at=ends_at,
            **values,
        )
        fresh: Event = await self.fresh(event)
        if starts_at > now() and (fresh.next_date_at is None or starts_at < fresh.next_date_at):
            fresh.next_date_at = event.next_date_at = starts_at
            await self.save(fresh)
        async with self.database.session() as session, session.begin():
            session.add(date)
            if date.chart_id is not None:
                await open_seats(session, [date], date.chart_id)
        stored: EventDate = await self.fresh(date)
        return stored

    async def ticket_type(
        self,
        event: Event,
        *quotas: TicketQuota,
        tiers: Sequence[PriceTier] = (),
        **values: Any,
    ) -> TicketType:
        """Return a type of 100.00 that is sold out of quotas, at most 10 an order."""
        given: dict[str, Any] = {
            "locale": event.locale,
            "name": {"en": f"Ticket {next(NUMBERS)}"},
            "price": 100_00,
            "currency": event.currency,
        } | values
        kind = TicketType(event_id=event.id, vendor_id=event.vendor_id, **given)
        for position, tier in enumerate(tiers):
            tier.ticket_type_id, tier.position, tier.currency = kind.id, position, kind.currency
        links = [TypeQuota(ticket_type_id=kind.id, quota_id=quota.id) for quota in quotas]
        fresh: Event = await self.fresh(event)
        prices = [kind.price] if fresh.min_price is None else [kind.price, fresh.min_price]
        fresh.min_price = event.min_price = min(prices)
        await self.save(kind, *links, *tiers, fresh)
        return kind

    async def quota(self, date: EventDate, capacity: int = 100, **values: Any) -> TicketQuota:
        given = {"name": f"Quota {next(NUMBERS)}"} | values
        quota = TicketQuota(event_date_id=date.id, capacity=capacity, **given)
        await self.save(quota)
        return quota

    async def ticket_hold(
        self,
        user: User,
        date: EventDate,
        kind: TicketType,
        quota: TicketQuota | None = None,
        *,
        quantity: int = 1,
        **values: Any,
    ) -> TicketHold:
        """Return an open hold that counts in the quota and for its user."""
        given: dict[str, Any] = {
            "expires_at": now() + timedelta(minutes=10),
            "hard_until": now() + timedelta(minutes=30),
            "currency": "INR",
        } | values
        hold = TicketHold(event_date_id=date.id, vendor_id=date.vendor_id, user_id=user.id, **given)
        line = HoldLine(
            hold_id=hold.id,
            position=0,
            ticket_type_id=kind.id,
            quantity=quantity,
            admits=kind.admits,
            price=kind.price,
            quota_ids=[quota.id] if quota else [],
        )
        rows: list[Any] = [hold, line]
        if quota is not None:
            fresh: TicketQuota = await self.fresh(quota)
            fresh.taken += line.tickets
            rows.append(fresh)
        rows.append(await self._buyer(date, user, line.tickets))
        await self.save(*rows)
        return hold

    async def waitlist_entry(self, user: User, date: EventDate, **values: Any) -> WaitlistEntry:
        """Return an entry that waits for up to two tickets of any type, and closes the quotas."""
        entry = WaitlistEntry(event_date_id=date.id, user_id=user.id, **{"most": 2} | values)
        await self.save(entry)
        async with self.database.session() as session, session.begin():
            await settle_waitlist_first(session, date.id)
        return entry

    async def ticket(
        self,
        holder: User | None,
        date: EventDate,
        kind: TicketType,
        quota: TicketQuota | None = None,
        **values: Any,
    ) -> Ticket:
        """Return a valid ticket that was sold at the desk, and counts in the quota."""
        given: dict[str, Any] = {
            "source": TicketSource.DESK,
            "code": new_code(),
            "price": kind.price,
            "currency": "INR",
        } | values
        ticket = Ticket(
            event_date_id=date.id,
            vendor_id=date.vendor_id,
            ticket_type_id=kind.id,
            holder_id=holder.id if holder else None,
            buyer_id=holder.id if holder else None,
            quota_ids=[quota.id] if quota else [],
            **given,
        )
        rows: list[Any] = [ticket]
        if quota is not None:
            fresh: TicketQuota = await self.fresh(quota)
            fresh.taken += 1
            rows.append(fresh)
        if holder is not None:
            rows.append(await self._buyer(date, holder, 1))
        await self.save(*rows)
        return ticket

    async def ticket_transfer(self, ticket: Ticket, to: User, **values: Any) -> TicketTransfer:
        """Return a pending transfer of a ticket by its holder to a user."""
        assert ticket.holder_id
        given: dict[str, Any] = {"expires_at": now() + timedelta(days=7)} | values
        transfer = TicketTransfer(
            ticket_id=ticket.id,
            from_user_id=ticket.holder_id,
            to_kind=TransferTo.USER,
            to_user_id=to.id,
            generation=ticket.generation,
            **given,
        )
        await self.save(transfer)
        return transfer

    async def sale_queue(self, event: Event, **values: Any) -> SaleQueue:
        """Return a queue that users can join, and that opens in an hour."""
        seed = token_bytes(SEED_BYTES)
        given: dict[str, Any] = {
            "state": SaleQueueState.PREQUEUE,
            "prequeue_at": now() - timedelta(hours=1),
            "opens_at": now() + timedelta(hours=1),
        } | values
        queue = SaleQueue(event_id=event.id, seed=seed, seed_hash=sha256(seed).digest(), **given)
        queue.pace = queue.per_minute
        await self.save(queue)
        return queue

    async def check_in_list(self, date: EventDate, **values: Any) -> CheckInList:
        given = {"name": f"Door {next(NUMBERS)}"} | values
        found = CheckInList(event_date_id=date.id, **given)
        await self.save(found)
        return found

    async def scanner(self, vendor: Vendor, member: User, **values: Any) -> Scanner:
        given = {"name": f"Scanner {next(NUMBERS)}", "key_hash": new_id().bytes * 2} | values
        scanner = Scanner(vendor_id=vendor.id, registered_by_id=member.id, **given)
        await self.save(scanner)
        return scanner

    async def admit(self, ticket: Ticket, date: EventDate, member: User) -> Scan:
        """Let a ticket in on a new list of its date."""
        door, moment = await self.check_in_list(date), now()
        async with self.database.session() as session:
            vendor = await session.get_one(Vendor, date.vendor_id)
        scanner = await self.scanner(vendor, member)
        scan = Scan(
            scanner_id=scanner.id,
            scan_id=new_id(),
            seq=1,
            list_id=door.id,
            ticket_id=ticket.id,
            generation=ticket.generation,
            member_id=member.id,
            scanned_at=moment,
            received_at=moment,
            moment=moment,
            shown=ScanLight.GREEN,
            outcome=ScanOutcome.ADMITTED,
            reason=ScanReason.ADMITTED,
        )
        given: dict[str, Any] = {"inside": True, "entries": 1}
        given |= {"first_at": moment, "last_at": moment}
        await self.save(scan, TicketPresence(list_id=door.id, ticket_id=ticket.id, **given))
        return scan

    async def _buyer(self, date: EventDate, user: User, tickets: int) -> TicketBuyer:
        async with self.database.session() as session:
            found = await session.get(TicketBuyer, (date.id, user.id))
        buyer = found or TicketBuyer(event_date_id=date.id, user_id=user.id, tickets=0)
        buyer.tickets += tickets
        return buyer


def tier(name: str, price: int, **values: Any) -> PriceTier:
    """Return a price tier, whose position and currency `ticket_type` sets."""
    return PriceTier(
        ticket_type_id=new_id(), name=name, price=price, position=0, currency="INR", **values
    )


PLACE = (
    "country", "city", "pin_code", "latitude", "longitude", "street_lines", "subdivision"
)  # fmt: skip
