"""Redeeming a voucher at a vendor.

Tills redeem under a rush, so the statements are prepared: see docs/architecture/reads.md.
"""

from uuid import UUID

import asyncpg
from sqlalchemy import Integer, bindparam
from sqlmodel import col, or_, select, update

from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.security.codes import read_code
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_new
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.errors import InvalidInput
from models.fraud.settings import RotationMode
from models.identity.accounts import User, UserState
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
    VoucherState,
)
from models.redemptions.requests import RedemptionRequest
from models.vendors import Vendor
from services import idempotency
from services.events.check_in.scanner_use import note_seen, rely_on_scanner
from services.fraud.assessing import RiskCheck
from services.fraud.verdicts import follow, judge
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.notifications import inbox
from services.redemptions.entries import RedemptionCreated, VoucherPresented
from services.redemptions.rotation import CodeVerdict
from services.redemptions.scanned import ScannedVoucher, find_rotation, read_scanned
from services.vendors.access import rely_on_vendor
from services.viewer import Viewer

_VOUCHER = select(*columns_of(Voucher))
_THIS_VOUCHER = col(Voucher.id) == bindparam("id")
BY_CODE = Statement(_VOUCHER.where(col(Voucher.code) == bindparam("code")), Voucher)
BY_ID = Statement(_VOUCHER.where(_THIS_VOUCHER), Voucher)
LOCK = Statement(for_change(_VOUCHER.where(_THIS_VOUCHER)), Voucher)
HOLDER = Statement(
    select(col(User.id), col(User.state)).where(col(User.id) == bindparam("id")), User
)
MARK_REDEEMED = Statement(
    update(Voucher)
    .where(_THIS_VOUCHER)
    .values(
        state=VoucherState.REDEEMED,
        redeemed_at=bindparam("redeemed_at"),
        uses=col(Voucher.uses) + 1,
    )
)
_STEP = bindparam("step", type_=Integer())
# A code is used once: of two scans of it, the second finds no row.
USE_STEP = Statement(
    update(Voucher)
    .where(_THIS_VOUCHER, or_(col(Voucher.last_step).is_(None), col(Voucher.last_step) < _STEP))
    .values(last_step=_STEP)
    .returning(col(Voucher.id)),
    Voucher,
)
STORED = Statement(
    select(*columns_of(Redemption)).where(col(Redemption.id) == bindparam("id")), Redemption
)


async def redeem_voucher(
    unit: PreparedTransaction,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    vendor_id: UUID,
    presented: RedemptionRequest,
    risk: RiskCheck,
    scanner_key: str | None = None,
    idempotency_key: str,
) -> Redemption:
    """Redeem a voucher at a vendor. Every attempt is stored, with its outcome and reason.

    So a refused attempt is returned and not raised, which would roll it back: also one at a vendor
    that is suspended. Raises `NotFound` if the viewer may not scan for this vendor or the key is of
    no scanner of this vendor, `ScannerRevoked` and `VendorNotApproved`.
    """
    if presented.scan_id is not None and scanner_key is None:
        raise InvalidInput("Only a scanner has scans: name its key.", field=["scannerKey"])
    connection, redemption_id = unit.connection, new_id()
    given: dict[str, object] = {"vendor_id": vendor_id} | presented.model_dump()
    if presented.scan_id is None:  # keys of calls without one keep their meaning
        del given["scan_id"]
    if scanner_key is not None:
        given["scanner_key"] = scanner_key
    claimed = await idempotency.claim(
        unit, viewer, "redeemVoucher", idempotency_key, redemption_id, **given
    )
    vendor = await rely_on_vendor(unit, viewer, vendor_id, Permission.REDEEM)
    scanner = None
    if scanner_key is not None:
        scanner = await rely_on_scanner(unit, vendor_id, scanner_key)
    if claimed.replayed:
        (stored,) = await STORED.fetch(connection, id=claimed.replayed)
        return stored
    if not vendor.suspended:
        vendor.ensure_approved()
    voucher, reason, step = await _verify(connection, keys, vendor, presented, risk)
    verdict = judge(risk, voucher, reason)
    redemption = await insert_new(
        connection,
        Redemption,
        id=redemption_id,
        vendor_id=vendor_id,
        member_id=viewer.require_user(),
        voucher_id=voucher.id if voucher else None,
        outcome=verdict.outcome,
        reason=verdict.reason,
        latitude=presented.location.latitude if presented.location else None,
        longitude=presented.location.longitude if presented.location else None,
        device_id=presented.device_id,
        scanner_id=scanner.id if scanner else None,
        typed=presented.code is not None,
        scan_id=presented.scan_id,
        generation=voucher.generation if voucher else None,
        step=step,
        **verdict.columns,
    )
    await follow(unit, verdict, redemption, voucher)
    _publish(unit, redemption, voucher)
    if scanner is not None:
        await note_seen(unit, scanner, redemption.created_at)
    if voucher and verdict.outcome is RedemptionOutcome.APPROVED:
        at = redemption.created_at
        await MARK_REDEEMED.execute(connection, id=voucher.id, redeemed_at=at)
        kind = NotificationKind.VOUCHER_REDEEMED
        await inbox.notify(unit, voucher.user_id, kind, voucher.id, up_to_sequence=voucher.uses)
    return redemption


async def _verify(
    connection: asyncpg.Connection,
    keys: SigningKeys,
    vendor: Vendor,
    presented: RedemptionRequest,
    risk: RiskCheck,
) -> tuple[Voucher | None, RedemptionReason, int | None]:
    """Return the presented voucher, locked if redeemable here, the result, and its code's step."""
    scanned = read_scanned(keys, presented.token) if presented.token else ScannedVoucher()
    found, reason = await _find_presented(connection, scanned, presented)
    if found is None or reason is not None:
        return found, reason or RedemptionReason.UNKNOWN, None
    if found.vendor_id != vendor.id:
        return found, RedemptionReason.OTHER_VENDOR, None
    mode = await _find_rotation(connection, vendor, risk)
    voucher = await _lock_voucher(connection, found.id)
    if scanned.generation not in {None, voucher.generation}:  # it got new codes meanwhile
        return voucher, RedemptionReason.OLD_GENERATION, None
    holder = await HOLDER.fetch_one(connection, id=voucher.user_id)
    suspended = holder is not None and holder.state is UserState.SUSPENDED
    result = voucher.redemption_result(vendor, holder_suspended=suspended)
    code = scanned.judge_code(keys, mode, now(), voucher.last_step)
    return voucher, await _use_code(connection, voucher, result, code), code.step


async def _find_rotation(
    connection: asyncpg.Connection, vendor: Vendor, risk: RiskCheck
) -> RotationMode:
    """Return the setting of the vendor, also if its attempts could not be assessed."""
    if risk.assessment is not None:
        return risk.assessment.policy.rotation
    return await find_rotation(connection, vendor.id)


async def _use_code(
    connection: asyncpg.Connection, voucher: Voucher, result: RedemptionReason, code: CodeVerdict
) -> RedemptionReason:
    """Return the result of the voucher and its code, and use the code of a valid voucher.

    A code that was used redeemed the voucher, so that is the reason that helps.
    """
    used = code.reason is RedemptionReason.STEP_USED
    if used and result is RedemptionReason.ALREADY_REDEEMED:
        return RedemptionReason.STEP_USED
    if result is not RedemptionReason.APPROVED:
        return result
    if code.step is None:
        return code.reason or result
    accepted = await USE_STEP.fetch(connection, id=voucher.id, step=code.step)
    return result if accepted else RedemptionReason.STEP_USED


async def _find_presented(
    connection: asyncpg.Connection, scanned: ScannedVoucher, presented: RedemptionRequest
) -> tuple[Voucher | None, RedemptionReason | None]:
    """Return the presented voucher, and a reason if the token or code decides."""
    if (presented.token is None) == (presented.code is None):
        raise InvalidInput("Scan the voucher or enter its code: one of the two.", field=["token"])
    if presented.code is not None:
        code = read_code(presented.code)
        if code is None:
            return None, RedemptionReason.UNKNOWN
        return await BY_CODE.fetch_one(connection, code=code), None
    if scanned.voucher_id is None:
        return None, scanned.reason
    voucher = await BY_ID.fetch_one(connection, id=scanned.voucher_id)
    if voucher is not None and voucher.generation != scanned.generation:
        return voucher, RedemptionReason.OLD_GENERATION
    return voucher, None


async def _lock_voucher(connection: asyncpg.Connection, voucher_id: UUID) -> Voucher:
    (voucher,) = await LOCK.fetch(connection, id=voucher_id)
    return voucher


def _publish(unit: PreparedTransaction, redemption: Redemption, voucher: Voucher | None) -> None:
    """Publish an attempt to the vendor, and to the owner of this vendor's voucher."""
    created = RedemptionCreated(redemption.id)
    journal.append(unit, created, to=[vendor_topic(redemption.vendor_id)])
    if voucher and voucher.vendor_id == redemption.vendor_id:
        presented = VoucherPresented(voucher.id, redemption.id)
        journal.append(unit, presented, to=[user_topic(voucher.user_id)])
