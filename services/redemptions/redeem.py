"""Redeeming a voucher at a vendor.

Tills redeem under a rush, so the statements are prepared: see docs/architecture/reads.md.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, bindparam
from sqlmodel import col, or_, select, update

from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.security.codes import read_code
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from core.statements.inserts import insert_new
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.errors import InvalidInput
from models.events.check_in.scanners import Scanner
from models.fraud.settings import RotationMode
from models.identity.accounts import User, UserState
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.redemptions import (
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
)
from models.redemptions.requests import RedemptionRequest
from models.vendors import Vendor
from services import idempotency
from services.events.check_in.scanner_use import note_seen, rely_on_scanner
from services.fraud.assessing import RiskCheck
from services.fraud.verdicts import Verdict, follow, judge
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.notifications import inbox
from services.redemptions.bills import lock_bill, note_bill_use
from services.redemptions.entries import RedemptionCreated, VoucherPresented
from services.redemptions.rotation import CodeVerdict
from services.redemptions.scanned import ScannedVoucher, find_rotation, read_scanned
from services.redemptions.use_statements import TAKING
from services.redemptions.uses import Use, next_use_number, plan_use, take_use
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
    for name in ("scan_id", "bill", "amount"):
        if given[name] is None:  # keys of calls without one keep their meaning
            del given[name]
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
    at = now()
    tried = await _try(connection, keys, vendor, presented, risk, scanner, at)
    voucher, verdict = tried.voucher, tried.verdict
    redemption = await insert_new(
        connection,
        Redemption,
        id=redemption_id,
        created_at=at,
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
        token_hash=hash_secret(presented.token) if presented.token else None,
        generation=voucher.generation if voucher else None,
        use_no=tried.number,
        **tried.use.columns(taken=verdict.outcome in TAKING),
        step=tried.code.step,
        **verdict.columns,
    )
    await note_bill_use(connection, redemption, tried.use.rules)
    await follow(unit, verdict, redemption, voucher)
    _publish(unit, redemption, voucher)
    if scanner is not None:
        await note_seen(unit, scanner, redemption.created_at)
    if voucher and verdict.outcome is RedemptionOutcome.APPROVED:
        kind = NotificationKind.VOUCHER_REDEEMED
        await inbox.notify(unit, voucher.user_id, kind, voucher.id, up_to_sequence=voucher.uses)
    return redemption


@dataclass(frozen=True)
class _Tried:
    """A presented voucher, as it was before, the use that was taken of it, and its number."""

    voucher: Voucher | None
    code: CodeVerdict
    use: Use
    verdict: Verdict
    number: int = 1


async def _try(
    connection: asyncpg.Connection,
    keys: SigningKeys,
    vendor: Vendor,
    presented: RedemptionRequest,
    risk: RiskCheck,
    scanner: Scanner | None,
    at: datetime,
) -> _Tried:
    """Decide on a voucher: by its state, its code, the rules of its terms, and the risk, in order.

    An approved or held one is taken at once, which others can only refuse.
    """
    bill = await lock_bill(connection, vendor, presented.bill) if presented.bill else None
    voucher, reason, code = await _verify(connection, keys, vendor, presented, risk, at)
    if voucher is None or reason is not RedemptionReason.APPROVED:
        return _Tried(voucher, code, Use(bill=bill), judge(risk, voucher, reason))
    scanner_id = scanner.id if scanner else None
    use = await plan_use(
        connection, vendor, voucher, presented, bill=bill, scanner_id=scanner_id, at=at
    )
    verdict = judge(risk, voucher, use.reason)
    if verdict.outcome in TAKING and not await _use_code(connection, voucher, code):
        verdict = judge(risk, voucher, RedemptionReason.STEP_USED)
    if verdict.outcome not in TAKING:
        return _Tried(voucher, code, use, verdict)
    number = await next_use_number(connection, voucher)
    use = await take_use(connection, use, voucher, verdict.outcome, at, vendor.currency)
    if use.failure is not None:
        verdict = judge(risk, voucher, use.reason)
    return _Tried(voucher, code, use, verdict, number)


async def _verify(
    connection: asyncpg.Connection,
    keys: SigningKeys,
    vendor: Vendor,
    presented: RedemptionRequest,
    risk: RiskCheck,
    at: datetime,
) -> tuple[Voucher | None, RedemptionReason, CodeVerdict]:
    """Return the presented voucher, locked if redeemable here, the result, and its code's verdict.

    A code that was used redeemed the voucher, so STEP_USED is the reason that helps then.
    """
    no_code = CodeVerdict()
    scanned = read_scanned(keys, presented.token) if presented.token else ScannedVoucher()
    found, reason = await _find_presented(connection, scanned, presented)
    if found is None or reason is not None:
        return found, reason or RedemptionReason.UNKNOWN, no_code
    if found.vendor_id != vendor.id:
        return found, RedemptionReason.OTHER_VENDOR, no_code
    mode = await _find_rotation(connection, vendor, risk)
    voucher = await _lock_voucher(connection, found.id)
    if voucher.generation != found.generation:  # it got new codes meanwhile
        if presented.code is not None:
            return None, RedemptionReason.UNKNOWN, no_code
        return voucher, RedemptionReason.OLD_GENERATION, no_code
    holder = await HOLDER.fetch_one(connection, id=voucher.user_id)
    suspended = holder is not None and holder.state is UserState.SUSPENDED
    result = voucher.redemption_result(vendor, holder_suspended=suspended)
    code = scanned.judge_code(keys, mode, at, voucher.last_step)
    if result is RedemptionReason.APPROVED:
        return voucher, code.reason or result, code
    used = code.reason is RedemptionReason.STEP_USED
    redeemed = result is RedemptionReason.ALREADY_REDEEMED
    return voucher, RedemptionReason.STEP_USED if used and redeemed else result, code


async def _find_rotation(
    connection: asyncpg.Connection, vendor: Vendor, risk: RiskCheck
) -> RotationMode:
    """Return the setting of the vendor, also if its attempts could not be assessed."""
    if risk.assessment is not None:
        return risk.assessment.policy.rotation
    return await find_rotation(connection, vendor.id)


async def _use_code(connection: asyncpg.Connection, voucher: Voucher, code: CodeVerdict) -> bool:
    """Use the rotating code up, if there is one. Return whether it was unused."""
    if code.step is None:
        return True
    return bool(await USE_STEP.fetch(connection, id=voucher.id, step=code.step))


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
