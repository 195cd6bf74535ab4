"""Check-in lists with their gates, scanners, and scans."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.check_in import (
    attendance_of_gate,
    attendance_of_list,
    gate_by_id,
    gates_of_list,
    list_by_id,
    missing_scans,
    scanned_ticket,
    scanner_by_id,
    scans_of_scanner,
    visible_gate,
    visible_list,
    visible_scan,
    visible_scanner,
)
from dataloaders.events import date_by_id, type_by_id, visible_ticket
from dataloaders.redemptions import redemptions_of_scanner
from dataloaders.vendors import vendor_by_id
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.types import Rows, column, field, loaded, related, related_page
from models.events.check_in import lists as rows
from models.events.check_in import scanners, scans
from models.events.tickets import ATTENDEE_COLUMN
from schema.events.enums import (
    CheckInMode,
    ScanAnomaly,
    ScanDirection,
    ScanLight,
    ScanMode,
    ScanOutcome,
    ScanReason,
)
from schema.events.ticket_types import TicketType
from schema.events.types import EventDate
from schema.lazy import LazyRedemption, LazyScan, LazyTicket, LazyVendor
from services.events.check_in.access import list_scans
from services.events.check_in.attendance import GateAttendance, ListAttendance
from services.events.check_in.gaps import MAX_NUMBERS

ListRoot = strawberry.Parent[rows.CheckInList]
ScanRoot = strawberry.Parent[scans.Scan]
Conflicts = Annotated[
    bool,
    strawberry.argument(
        description="Whether to return only scans that were GREEN at the gate and should not have"
        " been, or whose scanner's clock was wrong."
    ),
]
MEMBERS = "Visible to the vendor's members, and admins."


@strawberry.type(
    description="A device that scans tickets and vouchers. Visible to the vendor's members with the"
    " MANAGER role or higher, and admins."
)
class Scanner(Rows[scanners.Scanner], relay.Node, access=visible_scanner):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    created_at: datetime = column("The time at which it was registered.")
    last_scan_at: datetime | None = column(
        "The time of its last scan, to the minute. Null without one.", of="seen_at"
    )
    revoked_at: datetime | None = column("The time at which it was revoked. Null if it was not.")
    clock_offset_seconds: float = column(
        "By how much its clock was behind at its last synchronization.",
        needs=("clock_offset_ms",),
    )
    has_public_key: bool = column(
        "Whether it can have bundles, for scans without a network.", needs=("public_key",)
    )
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )

    @loaded(
        missing_scans,
        by="id",
        description=f"How many numbers are missing among its {MAX_NUMBERS:,} newest scans of"
        " tickets and vouchers: scans that it has not sent. They can still arrive.",
        volatile=True,
    )
    def missing_scans(root: strawberry.Parent[scanners.Scanner], missing: int) -> int:
        return missing

    latest_scans: list[LazyScan] = related_page(
        scans_of_scanner, LazyScan, "The scans with it, the newest first."
    )
    latest_redemptions: list[LazyRedemption] = related_page(
        redemptions_of_scanner,
        LazyRedemption,
        "The redemption attempts with it, the newest first.",
        domain="redemptions",
    )


@strawberry.type(description=f"A place where tickets are scanned. {MEMBERS}")
class CheckInGate(Rows[rows.CheckInGate], relay.Node, access=visible_gate):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    check_in_list: "CheckInList" = related(
        list_by_id,
        by="list_id",
        description="The list that it scans for.",
    )

    @loaded(attendance_of_gate, by="id", description="The number of admissions.", volatile=True)
    def admitted(root: strawberry.Parent[rows.CheckInGate], found: GateAttendance) -> int:
        return found.admitted

    @loaded(
        attendance_of_gate,
        by="id",
        description="The admissions that were received in the last minute.",
        volatile=True,
    )
    def last_minute(root: strawberry.Parent[rows.CheckInGate], found: GateAttendance) -> int:
        return found.last_minute


@strawberry.type(description="The attendance on a check-in list.")
class CheckInAttendance:
    expected: int = strawberry.field(description="The valid tickets that the list admits.")
    admitted: int = strawberry.field(description="The tickets that have entered.")
    inside: int = strawberry.field(description="Those of them that have not left.")
    conflicts: int = strawberry.field(description="The scans that `conflicts` of `scans` returns.")

    @classmethod
    def of(cls, found: ListAttendance) -> Self:
        return cls(**found._asdict())


@strawberry.type(
    description="An attempt at a gate, whatever its outcome. The outcome follows from all scans of"
    f" the ticket that are known, so that scans which arrive later can change it. {MEMBERS}"
)
class Scan(Rows[scans.Scan], relay.Node, access=visible_scan):
    id: relay.NodeID[UUID]
    scan_id: str = column("The UUID that the scanner has given it.", needs=("scan_id",))
    direction: ScanDirection = column("Whether it was to enter or to leave.")
    scan_mode: ScanMode = column("Whether there was a network.", of="mode")
    shown: ScanLight = column("The light that the scanner showed.")
    scan_outcome: ScanOutcome = column("The outcome, by all scans known.", of="outcome")
    reason: ScanReason = column("The reason for the outcome.")
    anomaly: ScanAnomaly | None = column(
        "Why a scan that was GREEN should not have been. Null if nothing is wrong."
    )
    scanned_at: datetime = column("The time by the scanner's clock.")
    moment: datetime = column("The time by the server's clock.")
    received_at: datetime = column("The time at which it was received.")
    voided_at: datetime | None = column("The time at which it was taken back. Null if it was not.")
    void_reason: str | None = column("Why it was taken back.")
    scanner: Scanner = related(scanner_by_id, by="scanner_id", description="The scanner.")
    gate: CheckInGate | None = related(
        gate_by_id, by="gate_id", description="The gate. Null if the scanner named none."
    )
    check_in_list: "CheckInList" = related(
        list_by_id,
        by="list_id",
        description="The list that it was for.",
    )
    scanned_ticket: LazyTicket | None = related(
        visible_ticket,
        by="ticket_id",
        description="The ticket. Null if it is unknown, and for members below STAFF.",
    )

    @field(
        "The type of the ticket. Null if the ticket is unknown, or of another date.",
        needs=("ticket_id",),
        cost=1,
    )
    async def scanned_ticket_type(root: ScanRoot, info: Info) -> TicketType | None:
        if root.ticket_id is None:
            return None
        ticket = await info.context.loaders[scanned_ticket].load(root.ticket_id)
        if ticket is None:
            return None
        return TicketType.wrap_optional(
            await info.context.loaders[type_by_id].load(ticket.ticket_type_id)
        )

    @field(
        "The name of the attendee. Null if the ticket is unknown or has none.",
        needs=("ticket_id",),
        cost=1,
    )
    async def attendee(root: ScanRoot, info: Info) -> str | None:
        if root.ticket_id is None:
            return None
        ticket = await info.context.loaders[scanned_ticket].load(root.ticket_id)
        if ticket is None or ticket.attendee is None:
            return None
        return info.context.sealer.open(ATTENDEE_COLUMN, ticket.id, ticket.attendee).decode()


@strawberry.type(
    description=f"Which tickets of a date are admitted where, and how often. {MEMBERS}"
)
class CheckInList(Rows[rows.CheckInList], relay.Node, access=visible_list):
    id: relay.NodeID[UUID]
    name: str = column("The name, unique for the date.")
    mode: CheckInMode = column("How often it admits a ticket.")
    max_entries: int | None = column("The most entries of a ticket. Null unless the mode is TIMES.")
    opens_at: datetime | None = column("The time from which it admits. Null if always.")
    closes_at: datetime | None = column("The time until which it admits. Null if always.")
    reentry_minutes: int | None = column(
        "The minutes after which an entry without an exit in between is admitted. Null if never."
    )
    archived_at: datetime | None = column("The time at which it was archived. Null if it was not.")
    event_date: EventDate = related(date_by_id, by="event_date_id", description="The date.")
    gates: list[CheckInGate] = related(
        gates_of_list,
        by="id",
        description=f"Its gates by name, at most {rows.MAX_GATES}.",
        size=10,
    )

    @field(
        "The ticket types that it admits, in any order. Empty if it admits all of the kind"
        f" ADMISSION. At most {rows.MAX_TYPES_OF_LIST}.",
        needs=("type_ids",),
        size=10,
    )
    async def ticket_types(root: ListRoot, info: Info) -> list[TicketType]:
        found = [await info.context.loaders[type_by_id].load(id) for id in root.type_ids]
        return [TicketType.wrap(one) for one in found if one is not None]

    @loaded(attendance_of_list, by="id", description="The attendance, counted now.", volatile=True)
    def attendance(root: ListRoot, found: ListAttendance) -> CheckInAttendance:
        return CheckInAttendance.of(found)

    @connection(LiveConnection[Scan], "The scans, the newest first.", needs=("id",))
    def scans(root: ListRoot, info: Info, conflicts: Conflicts = False) -> Listing[Any]:
        return list_scans(root.id, conflicts=conflicts)


@strawberry.type(
    description="The data of a scanner without a network. docs/clients/scanners.md has its format."
)
class ScannerBundle:
    content: str = strawberry.field(
        description="A JWE to the scanner's public key, with a JWT that the keys of tickets sign."
    )
    cursor: str = strawberry.field(description="Pass it as `since` to get what changes later.")
    expires_at: datetime = strawberry.field(description="The time after which it is not used.")
    tickets: int = strawberry.field(description="The number of tickets in it.")
    has_more: bool = strawberry.field(
        description="Whether there are more changes. Then ask again at once."
    )


@strawberry.type(description="A change of a check-in list or of the attendance on it.")
class CheckInChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    check_in_list: CheckInList | None = strawberry.field(
        default=None,
        description="The list as it is now. Null if nothing has changed, and there is only a newer"
        " cursor to resume from.",
    )
    conflict: Scan | None = strawberry.field(
        default=None,
        description="A scan that turned out to be wrong, or not to be. Null for other changes.",
    )
