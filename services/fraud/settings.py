"""Settings of the risk score: read, and changed by adding a version."""

from typing import Any
from uuid import UUID

from sqlmodel import col, desc, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.audit import AuditAct
from models.fraud.settings import FraudPolicy, FraudSettings, SettingsChanged, policy_of
from models.members import Permission
from models.redemptions import Redemption
from services.audit import entries as audit
from services.fraud.access import ensure_may_decide
from services.vendors.access import access_vendor
from services.viewer import Viewer

MAX_VERSIONS = 20  # that are listed


async def ensure_may_read(session: AsyncSession, viewer: Viewer, vendor_id: UUID | None) -> None:
    """Raise `NotFound` for all but reviewers of the vendor, and admins."""
    if vendor_id is None:
        viewer.require_admin()
    elif not viewer.admin:
        viewer.require_user()
        await access_vendor(session, viewer, vendor_id, Permission.REVIEW_FRAUD)


def versions_of(vendor_id: UUID | None) -> SelectOfScalar[FraudSettings]:
    """Select the versions of a vendor or of the platform, the newest first."""
    own = col(FraudSettings.vendor_id).is_not_distinct_from(vendor_id)
    return select(FraudSettings).where(own).order_by(desc(col(FraudSettings.version)))


async def find_versions(session: AsyncSession, vendor_id: UUID | None) -> list[FraudSettings]:
    return list(await session.exec(versions_of(vendor_id).limit(MAX_VERSIONS)))


async def find_newest(session: AsyncSession, vendor_id: UUID) -> tuple[UUID | None, FraudPolicy]:
    """Return the settings of a vendor: its own, the platform's, or the defaults without an id."""
    for of in (vendor_id, None):
        newest = (await session.exec(versions_of(of).limit(1))).first()
        if newest is not None:
            return newest.id, policy_of(newest)
    return None, FraudPolicy()


async def find_policy_of(session: AsyncSession, redemption: Redemption) -> FraudPolicy:
    """Return the settings that an attempt was scored with."""
    if redemption.scored_by_id is None:
        return FraudPolicy()
    return policy_of(await session.get_one(FraudSettings, redemption.scored_by_id))


async def update_fraud_settings(
    session: AsyncSession,
    viewer: Viewer,
    policy: FraudPolicy,
    *,
    vendor_id: UUID | None,
    base_version: int,
) -> FraudSettings:
    """Add a version of the settings. Attempts that were scored keep theirs.

    `base_version` is the newest one that the viewer knows, 0 without any. Two at once are decided
    by the unique constraint. Raises `NotFound`, `OwnVendor` and `SettingsChanged`.
    """
    if vendor_id is None:
        viewer.require_admin()
    else:
        viewer.require_user()
        await ensure_may_decide(session, viewer, vendor_id, Permission.EDIT_FRAUD_SETTINGS)
    newest = (await session.exec(versions_of(vendor_id).limit(1))).first()
    if base_version != (newest.version if newest else 0):
        raise SettingsChanged
    given: dict[str, Any] = policy.model_dump(
        mode="json", exclude={"mode", "on_timeout", "rotation"}
    )
    row = FraudSettings(
        vendor_id=vendor_id,
        version=base_version + 1,
        changed_by_id=viewer.require_user(),
        mode=policy.mode,
        on_timeout=policy.on_timeout,
        rotation=policy.rotation,
        **given,
    )
    session.add(row)
    audit.append(session, viewer, AuditAct.UPDATE_FRAUD_SETTINGS, subject_id=vendor_id)
    return row
