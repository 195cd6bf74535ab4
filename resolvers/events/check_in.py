"""Check-in lists, gates and scanners, written by managers, and scans at the gates."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from dataloaders.check_in import visible_list
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import KEYED, IdempotencyKeyReused, InvalidInput, NotFound
from models.events.check_in import lists as rows
from models.events.check_in import scanners as scanner_rows
from models.events.check_in import scans as scan_rows
from schema.events.check_in.inputs import (
    CheckInInput,
    CheckInListId,
    CreateCheckInListInput,
    CreateGateInput,
    GateId,
    RegisterScannerInput,
    RegisterScannerPayload,
    ScanId,
    ScannerId,
    ScannerKey,
    Since,
    SyncScansInput,
    UpdateCheckInListInput,
    gate_draft,
    void_reason,
)
from schema.events.check_in.lists import CheckInGate, CheckInList, Scan, Scanner, ScannerBundle
from services.events.check_in import lists, scanners
from services.events.check_in.access import list_scanners
from services.events.check_in.bundles import make_bundle
from services.events.check_in.checking import check_in
from services.events.check_in.syncing import sync_scans
from services.events.check_in.voiding import void_scan

BUNDLE_COST = 500  # of ten thousand tickets that are read and encrypted
SYNC_COST = 100
VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
ListNodeId = Annotated[UUID, id_of("CheckInList")]
GateName = Annotated[
    str, strawberry.argument(description="The name, at most 80 characters, unique for the list.")
]
Reason = Annotated[
    str, strawberry.argument(description="Why it is taken back, at most 200 characters.")
]


@strawberry.type
class CheckInQuery:
    @field("Returns a check-in list. Null if it doesn't exist or the viewer can't see it.")
    async def check_in_list(self, info: Info, id: ListNodeId) -> CheckInList | None:
        return CheckInList.wrap_optional(await info.context.loaders[visible_list].load(id))

    @connection(
        Connection[Scanner],
        "The scanners of a vendor, also revoked ones, the newest first. For its members with the"
        " MANAGER role or higher.",
    )
    def scanners(self, info: Info, vendor_id: VendorId) -> Listing[Any]:
        return list_scanners(info.context.viewer, vendor_id)

    @field(
        "The bundle with which a scanner checks tickets in without a network: all, or what has"
        " changed since its last bundle. For members of the vendor.",
        cost=BUNDLE_COST,
    )
    async def scanner_bundle(
        self, info: Info, list_id: CheckInListId, scanner_key: ScannerKey, since: Since = None
    ) -> ScannerBundle:
        async with info.context.read_session() as session:
            made = await make_bundle(
                session,
                info.context.viewer,
                info.context.app.keys,
                list_id=list_id,
                scanner_key=scanner_key,
                since=since,
            )
        return ScannerBundle(**vars(made))


@strawberry.type
class CheckInMutation:
    @mutation(
        personal=True,
        audit=AuditAct.REGISTER_SCANNER,
        raises=(InvalidInput, NotFound, scanner_rows.ScannerLimitReached),
        repeatable="its key is not stored, so a repetition could not return it",
    )
    async def register_scanner(
        self, info: Info, input: RegisterScannerInput
    ) -> RegisterScannerPayload:
        """Register a device that scans tickets and vouchers. Its key is shown this once. Requires
        the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            scanner, key = await scanners.register_scanner(
                session, info.context.viewer, vendor_id=input.vendor_id, draft=input.draft()
            )
        return RegisterScannerPayload(scanner=Scanner.wrap(scanner), key=key)

    @mutation(
        scanner=Scanner,
        personal=True,
        audit=AuditAct.REVOKE_SCANNER,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def revoke_scanner(self, info: Info, scanner_id: ScannerId) -> scanner_rows.Scanner:
        """Refuse all that a scanner sends from now on. Its scans stay."""
        async with info.context.transaction() as session:
            return await scanners.revoke_scanner(
                session, info.context.viewer, scanner_id=scanner_id
            )

    @mutation(
        check_in_list=CheckInList,
        raises=(
            InvalidInput,
            NotFound,
            rows.CheckInListTaken,
            rows.CheckInListLimitReached,
            *KEYED,
        ),
    )
    async def create_check_in_list(
        self, info: Info, input: CreateCheckInListInput
    ) -> rows.CheckInList:
        """Add a check-in list to a date. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await lists.create_check_in_list(
                session,
                info.context.viewer,
                event_date_id=input.event_date_id,
                draft=input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        check_in_list=CheckInList,
        raises=(
            InvalidInput,
            NotFound,
            rows.CheckInListTaken,
            rows.CheckInListArchived,
            rows.CheckInListInUse,
        ),
        repeatable="sets values",
    )
    async def update_check_in_list(
        self, info: Info, input: UpdateCheckInListInput
    ) -> rows.CheckInList:
        """Change a check-in list. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await lists.update_check_in_list(
                session, info.context.viewer, list_id=input.list_id, patch=input.patch()
            )

    @mutation(check_in_list=CheckInList, raises=(NotFound,), repeatable="sets a state")
    async def archive_check_in_list(self, info: Info, list_id: CheckInListId) -> rows.CheckInList:
        """Archive a check-in list for good. Scans without a network can still be sent."""
        async with info.context.transaction() as session:
            return await lists.archive_check_in_list(session, info.context.viewer, list_id=list_id)

    @mutation(
        gate=CheckInGate,
        raises=(
            InvalidInput,
            NotFound,
            rows.CheckInListArchived,
            rows.GateTaken,
            rows.GateLimitReached,
            *KEYED,
        ),
    )
    async def create_gate(self, info: Info, input: CreateGateInput) -> rows.CheckInGate:
        """Add a gate to a check-in list. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await lists.create_gate(
                session,
                info.context.viewer,
                list_id=input.list_id,
                draft=input.draft(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        gate=CheckInGate,
        raises=(InvalidInput, NotFound, rows.GateTaken),
        repeatable="sets values",
    )
    async def rename_gate(self, info: Info, gate_id: GateId, name: GateName) -> rows.CheckInGate:
        """Rename a gate. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await lists.rename_gate(
                session, info.context.viewer, gate_id=gate_id, draft=gate_draft(name)
            )

    @mutation(
        scan=Scan,
        raises=(
            InvalidInput,
            NotFound,
            IdempotencyKeyReused,
            rows.CheckInListArchived,
            scanner_rows.ScannerRevoked,
        ),
        repeatable="names the scan by an id of the scanner",
    )
    async def check_in(self, info: Info, input: CheckInInput) -> scan_rows.Scan:
        """Check a ticket in or out at a gate. Every attempt is stored: a refused one is an outcome,
        not an error. For members of the vendor, with one of its scanners.
        """
        async with info.context.prepared_transaction() as unit:
            return await check_in(
                unit,
                info.context.viewer,
                info.context.app.keys,
                list_id=input.list_id,
                scanner_key=input.scanner_key,
                draft=input.draft(),
            )

    @mutation(
        scans=list[Scan],
        cost=SYNC_COST,
        raises=(InvalidInput, NotFound, IdempotencyKeyReused, scanner_rows.ScannerRevoked),
        repeatable="names the scans by ids of the scanner",
    )
    async def sync_scans(self, info: Info, input: SyncScansInput) -> Sequence[scan_rows.Scan]:
        """Store scans that a scanner made without a network, each once, and return them in their
        order. The end is the same whatever the order in which scanners send theirs. A scan that
        was sent for another list refuses all of them: `field` is the path to it.
        """
        async with info.context.prepared_transaction() as unit:
            return await sync_scans(
                unit,
                info.context.viewer,
                info.context.app.keys,
                list_id=input.list_id,
                scanner_key=input.scanner_key,
                draft=input.draft(),
            )

    @mutation(
        scan=Scan,
        audit=AuditAct.VOID_SCAN,
        raises=(InvalidInput, NotFound, scan_rows.ScanVoided),
        repeatable="refuses a scan that was taken back",
    )
    async def void_scan(self, info: Info, scan_id: ScanId, reason: Reason) -> scan_rows.Scan:
        """Take a scan back, such as one by mistake or one whose exit was missed. The ticket's other
        scans are decided again. Requires the vendor's MANAGER or OWNER role.
        """
        async with info.context.transaction() as session:
            return await void_scan(
                session, info.context.viewer, scan_id=scan_id, reason=void_reason(reason)
            )
