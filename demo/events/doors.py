"""Adds check-in lists with gates, scanners, and the scans of past dates."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.security.random_secrets import hash_secret
from demo.dataset import Dataset, DemoVendor
from demo.events.programme import DemoDate
from demo.rng import SeededRandom
from models.events.check_in.lists import (
    Attendance,
    CheckInGate,
    CheckInList,
    CheckInMode,
    ScanDirection,
    ScanOutcome,
)
from models.events.check_in.scanners import Scanner
from models.events.check_in.scans import Scan, ScanLight, TicketPresence
from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User

Gates = Mapping[str, float]  # the share of the visitors of each
ATTEND, AGAIN, AWAY = 0.9, 0.06, 0.25  # shares of visitors


def add_scanner(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, member: User, name: str, key: str
) -> Scanner:
    """Add a scanner, which scans with a network: it has no key for bundles."""
    registered = dataset.now - timedelta(days=48)
    scanner = Scanner(
        id=rng.uuid7_at(registered),
        created_at=registered,
        vendor_id=vendor.row.id,
        registered_by_id=member.id,
        name=name,
        key_hash=hash_secret(key),
    )
    dataset.event_rows.append(scanner)
    return scanner


class DemoDoor:
    """A check-in list of a date, and the visitors who come through its gates."""

    def __init__(
        self,
        rng: SeededRandom,
        day: DemoDate,
        name: str,
        gates: Gates,
        mode: CheckInMode = CheckInMode.ONCE,
    ) -> None:
        self._rng, self._evening, self._shares = rng, day, gates
        created = day.row.created_at
        self.row = CheckInList(
            id=rng.uuid7_at(created),
            created_at=created,
            event_date_id=day.row.id,
            name=name,
            mode=mode,
        )
        self._gates = [
            CheckInGate(
                id=rng.uuid7_at(created), created_at=created, list_id=self.row.id, name=gate
            )
            for gate in gates
        ]
        self._rows = day.programme.dataset.event_rows
        self._rows += [self.row, *self._gates]
        self._scans = 0

    def let_in(self, scanner: Scanner, member: User) -> None:
        """Scan most tickets of a date that is past. Some are shown twice, and some people leave."""
        for ticket in self._evening.tickets:
            self._visit(scanner, member, ticket)

    def _visit(self, scanner: Scanner, member: User, ticket: Ticket) -> None:
        """Scan one ticket as often as its holder comes or leaves."""
        rng, date = self._rng, self._evening.row
        comes, again, leaves = rng.random(), rng.random(), rng.random()
        came = rng.between(date.doors_at or date.starts_at, date.starts_at + timedelta(minutes=20))
        [gate] = rng.choices(self._gates, list(self._shares.values()))
        left = rng.between(date.starts_at + timedelta(minutes=30), date.ends_at)
        entry, exit = ScanDirection.ENTRY, ScanDirection.EXIT
        known = Attendance()
        if ticket.state is TicketState.VALID and comes < ATTEND:
            known = self._scan(scanner, member, ticket, gate, entry, came, known)
            if again < AGAIN:
                later = came + timedelta(seconds=40)
                known = self._scan(scanner, member, ticket, gate, entry, later, known)
            if self.row.mode is CheckInMode.REENTRY and leaves < AWAY:
                known = self._scan(scanner, member, ticket, gate, exit, left, known)
        if known.entries:
            presence = known._asdict()
            self._rows.append(TicketPresence(list_id=self.row.id, ticket_id=ticket.id, **presence))

    def _scan(
        self,
        scanner: Scanner,
        member: User,
        ticket: Ticket,
        gate: CheckInGate,
        direction: ScanDirection,
        at: datetime,
        known: Attendance,
    ) -> Attendance:
        """Add a scan with the outcome that the list decides, and return the attendance after it."""
        outcome, reason = self.row.verdict(known, direction, at)
        self._scans += 1
        green = outcome in {ScanOutcome.ADMITTED, ScanOutcome.LEFT}
        id = self._rng.uuid7_at(at)
        self._rows.append(
            Scan(
                id=id,
                created_at=at,
                scanner_id=scanner.id,
                scan_id=id,
                seq=self._scans,
                list_id=self.row.id,
                gate_id=gate.id,
                member_id=member.id,
                ticket_id=ticket.id,
                generation=ticket.generation,
                direction=direction,
                scanned_at=at,
                received_at=at,
                moment=at,
                shown=ScanLight.GREEN if green else ScanLight.RED,
                outcome=outcome,
                reason=reason,
            )
        )
        return known.after(outcome, at)
