"""Scans of vouchers without a network: stored later, in any order, with the same end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, select, update

from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_rows
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction, UnitOfWork, connection_of
from models.events.check_in.scanners import MAX_CLOCK_OFFSET_MS, Scanner
from models.events.check_in.scans import ScanMode
from models.fraud.settings import RotationMode
from models.members import Permission
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
    VoucherState,
)
from models.scanners import (
    CodesEnded,
    OfflineRedemptionDraft,
    RedemptionsDraft,
    VoucherRevocation,
)
from services import jobs
from services.events.check_in.scanner_use import SEEN, rely_on_scanner
from services.fraud.offline import find_measures
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.redemptions.entries import RedemptionCreated, RedemptionDecided, VoucherPresented
from services.redemptions.fold import (
    APPROVED,
    FoldedOutcome,
    FoldedScan,
    ReversedUse,
    VoucherHistory,
    fold,
)
from services.redemptions.limits import note_breaches, read_stamps
from services.redemptions.offline_rules import judge_scans
from services.redemptions.repeats import ensure_same
from services.redemptions.rotation import CodeVerdict
from services.redemptions.scanned import ScannedVoucher, find_rotation, read_scanned
from services.redemptions.stamps import BundleStamp
from services.redemptions.standing import count_uses, lock_held_bills, number_uses
from services.vendors.access import rely_on_vendor
from services.viewer import Viewer

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
STORED = Statement(
    select(*columns_of(Redemption)).where(
        col(Redemption.scanner_id) == bindparam("scanner_id"),
        col(Redemption.scan_id) == any_(_IDS),
    ),
    Redemption,
)
LOCKED = Statement(
    for_change(
        select(*columns_of(Voucher)).where(col(Voucher.id) == any_(_IDS)).order_by(col(Voucher.id))
    ),
    Voucher,
)
ATTEMPTS = Statement(
    select(*columns_of(Redemption)).where(col(Redemption.voucher_id) == any_(_IDS)), Redemption
)
ENDED_CODES = Statement(
    select(*columns_of(VoucherRevocation)).where(col(VoucherRevocation.voucher_id) == any_(_IDS)),
    VoucherRevocation,
)
DECIDE = Statement(
    update(Redemption)
    .where(col(Redemption.id) == bindparam("redemption_id"))
    .values(outcome=bindparam("verdict"), reason=bindparam("cause"), use_no=bindparam("number"))
)


@dataclass(frozen=True)
class _SyncedAt:
    """The vendor and its setting, the member, the scanner and the time of a synchronization."""

    vendor_id: UUID
    rotation: RotationMode
    member_id: UUID
    scanner: Scanner
    moment: datetime


async def sync_redemptions(
    unit: PreparedTransaction,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    vendor_id: UUID,
    scanner_key: str,
    draft: RedemptionsDraft,
) -> Sequence[Redemption]:
    """Store scans that a scanner made without a network, each once, and return them in their order.

    All scans of their vouchers are folded from scratch, so that the end is the same whatever the
    order in which scanners send theirs. Raises `NotFound`, `ScannerRevoked`, and
    `IdempotencyKeyReused` for an id of another scan.
    """
    vendor = await rely_on_vendor(unit, viewer, vendor_id, Permission.REDEEM)
    scanner = await rely_on_scanner(unit, vendor_id, scanner_key)
    ids = [one.scan_id for one in draft.scans]
    known = await _find_stored(unit, scanner, ids)
    read = {one.scan_id: read_scanned(keys, one.token) for one in draft.scans}
    ensure_same(draft, known, read)
    moment = now()
    at = _SyncedAt(
        vendor_id,
        await find_rotation(unit.connection, vendor_id),
        viewer.require_user(),
        await _set_clock(unit, scanner, draft.clock, moment),
        moment,
    )
    fresh = {one.scan_id: one for one in draft.scans if one.scan_id not in known}
    voucher_ids = [read[id].voucher_id for id in fresh]
    await lock_held_bills(unit, voucher_ids)
    vouchers = await _lock_vouchers(unit, voucher_ids)
    stamps = read_stamps(keys, scanner.id, [*fresh.values()])
    added = [
        _attempt(at, keys, one, read[id], vouchers, stamps.get(id)) for id, one in fresh.items()
    ]
    await note_breaches(unit, scanner.id, added, stamps)
    await judge_scans(unit, vendor, added, vouchers)
    await _decide(unit, [one for one in vouchers.values() if one.vendor_id == vendor_id], added)
    _announce(unit, at, added, vouchers)
    stored = await _find_stored(unit, scanner, ids)
    return [stored[id] for id in ids]


async def _find_stored(
    unit: PreparedTransaction, scanner: Scanner, ids: Sequence[UUID]
) -> dict[UUID | None, Redemption]:
    rows = await STORED.fetch(unit.connection, scanner_id=scanner.id, ids=ids)
    return {one.scan_id: one for one in rows}


async def _set_clock(
    unit: PreparedTransaction, scanner: Scanner, clock: datetime, moment: datetime
) -> Scanner:
    """Note by how much the scanner's clock is behind, for the scans of this synchronization."""
    behind = round((moment - clock).total_seconds() * 1000)
    offset = max(-MAX_CLOCK_OFFSET_MS, min(MAX_CLOCK_OFFSET_MS, behind))
    (seen,) = await SEEN.fetch(
        unit.connection, scanner_id=scanner.id, moment=moment, offset_ms=offset
    )
    return seen


async def _lock_vouchers(
    unit: PreparedTransaction, ids: Iterable[UUID | None]
) -> dict[UUID, Voucher]:
    wanted = sorted({id for id in ids if id is not None})
    return {one.id: one for one in await LOCKED.fetch(unit.connection, ids=wanted)}


def _attempt(
    at: _SyncedAt,
    keys: SigningKeys,
    draft: OfflineRedemptionDraft,
    read: ScannedVoucher,
    vouchers: Mapping[UUID, Voucher],
    stamp: BundleStamp | None,
) -> Redemption:
    """Return an attempt. The fold decides GREEN ones of vouchers of the vendor."""
    voucher = vouchers.get(read.voucher_id) if read.voucher_id else None
    issued = stamp.issued_at if stamp else None
    moment, wrong = at.scanner.moment_of(draft.scanned_at, at.moment, issued)
    reason, code = read.reason or RedemptionReason.UNKNOWN, CodeVerdict()
    if voucher is not None and voucher.vendor_id != at.vendor_id:
        reason = RedemptionReason.OTHER_VENDOR
    elif voucher is not None:
        code = read.judge_code(keys, at.rotation, moment)
        reason = code.reason or RedemptionReason.NOT_ACCEPTED
    return Redemption(
        id=new_id(),
        created_at=at.moment,
        vendor_id=at.vendor_id,
        member_id=at.member_id,
        voucher_id=voucher.id if voucher else None,
        generation=read.generation,
        step=code.step,
        scanner_id=at.scanner.id,
        outcome=RedemptionOutcome.REFUSED,
        reason=reason,
        mode=ScanMode.OFFLINE,
        moment=moment,
        clock_wrong=wrong,
        bundle_at=issued,
        token_hash=hash_secret(draft.token),
        **draft.model_dump(include={"scan_id", "seq", "scanned_at", "shown"}),
    )


async def refold(unit: UnitOfWork, voucher: Voucher) -> None:
    """Decide the scans of a voucher again, after a held attempt gave up its place.

    The voucher is locked, and a session is flushed.
    """
    await _decide(unit, [voucher], [])


async def _decide(
    unit: UnitOfWork, vouchers: Sequence[Voucher], added: Sequence[Redemption]
) -> None:
    """Fold each voucher, insert the new attempts, and write what has changed.

    What is not approved any more is written before what is now, as one approval of a voucher is
    allowed at a time.
    """
    ids, connection = [one.id for one in vouchers], await connection_of(unit)
    stored = list(await ATTEMPTS.fetch(connection, ids=ids))
    ended = await ENDED_CODES.fetch(connection, ids=ids)
    changed: dict[UUID, FoldedOutcome] = {}
    for voucher in vouchers:
        scans = [one for one in (*stored, *added) if one.voucher_id == voucher.id]
        verdicts = _fold(voucher, ended, scans)
        for one in scans:
            verdict = _verdict_on(one, verdicts)
            if verdict is not None and verdict != (one.outcome, one.reason):
                changed[one.id] = verdict
    lost = [id for id, one in changed.items() if one.outcome is not RedemptionOutcome.APPROVED]
    old = {one.id for one in stored}
    numbers = number_uses(vouchers, [*stored, *added], changed)
    await _write(connection, {id: changed[id] for id in lost if id in old}, numbers)
    for one in added:
        one.use_no = numbers[one.id]
        if one.id in changed:
            one.outcome, one.reason = changed[one.id]
    await insert_rows(connection, added)
    won = {id: one for id, one in changed.items() if id in old and id not in lost}
    await _write(connection, won, numbers)
    for one in stored:
        if one.id in changed:
            entry = RedemptionDecided(one.id)
            journal.append(unit, entry, to=[vendor_topic(one.vendor_id)])
    await count_uses(unit, vouchers, stored, added, changed)
    doubles = {id for id, one in changed.items() if one.outcome is RedemptionOutcome.DOUBLE}
    wrong = {one.id for one in added if one.voucher_id in ids and find_measures(one)}
    if doubles | wrong:
        await jobs.defer(unit, "score_scans", redemption_ids=sorted(doubles | wrong))


def _verdict_on(
    attempt: Redemption, verdicts: Mapping[UUID, FoldedOutcome]
) -> FoldedOutcome | None:
    """Return the verdict, or None to leave it.

    A held attempt keeps its place until it is decided. It is refused after an earlier scan: no
    goods were handed over.
    """
    verdict = verdicts.get(attempt.id)
    if verdict is None or attempt.outcome is not RedemptionOutcome.HELD:
        return verdict
    if verdict == APPROVED:
        return None
    return FoldedOutcome(RedemptionOutcome.REFUSED, verdict.reason)


def _fold(
    voucher: Voucher, ended: Sequence[VoucherRevocation], attempts: Sequence[Redemption]
) -> dict[UUID, FoldedOutcome]:
    reversals = [
        ReversedUse(one.attempted_at, one.reversed_at)
        for one in attempts
        if one.reversed_at is not None
    ]
    history = VoucherHistory(
        starts_at=voucher.starts_at,
        expires_at=voucher.expires_at,
        cancelled=voucher.state is VoucherState.CANCELLED,
        superseded={
            generation: one.created_at
            for one in sorted(ended, key=lambda row: row.generation, reverse=True)
            if one.voucher_id == voucher.id and one.kind is not CodesEnded.CANCELLED
            for generation in range(1, one.generation)
        },
        reversed_uses=reversals,
        max_uses=voucher.max_uses,
        spent={
            one.generation or 0: one.step
            for one in sorted(attempts, key=lambda row: row.step or 0)
            if one.is_reversed and one.step is not None
        },
    )
    held = RedemptionOutcome.HELD
    stale = RedemptionReason.CODE_EXPIRED  # whatever the other scans are
    placed = [
        one
        for one in attempts
        if (one.handed_over or one.outcome is held) and one.reason is not stale
    ]
    return fold(history, [_folded(one) for one in placed])


def _folded(attempt: Redemption) -> FoldedScan:
    return FoldedScan(
        attempt.id,
        attempt.attempted_at,
        attempt.scanner_id,
        attempt.seq or 0,
        attempt.generation,
        decided=attempt.mode is ScanMode.ONLINE,
        rule_failed=attempt.failed_rule is not None,
        step=attempt.step,
    )


async def _write(
    connection: asyncpg.Connection,
    verdicts: Mapping[UUID, FoldedOutcome],
    numbers: Mapping[UUID, int],
) -> None:
    if verdicts:
        await DECIDE.execute_many(
            connection,
            [
                {
                    "redemption_id": id,
                    "verdict": one.outcome,
                    "cause": one.reason,
                    "number": numbers[id],
                }
                for id, one in verdicts.items()
            ],
        )


def _announce(
    unit: PreparedTransaction,
    at: _SyncedAt,
    added: Sequence[Redemption],
    vouchers: Mapping[UUID, Voucher],
) -> None:
    for one in added:
        journal.append(unit, RedemptionCreated(one.id), to=[vendor_topic(at.vendor_id)])
        voucher = vouchers.get(one.voucher_id) if one.voucher_id else None
        if voucher is not None and voucher.vendor_id == at.vendor_id:
            entry = VoucherPresented(voucher.id, one.id)
            journal.append(unit, entry, to=[user_topic(voucher.user_id)])
