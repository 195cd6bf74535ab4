"""Cancellation policies of vendors."""

from typing import Any
from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.setting_up.policies import (
    MAX_POLICIES,
    CancellationPolicy,
    PolicyInUse,
    PolicyLimitReached,
)
from models.bookings.setting_up.service_drafts import PolicyDraft
from models.bookings.setting_up.services import Service
from models.errors import NotFound
from models.members import Permission
from models.validation import parse
from services import idempotency
from services.bookings.access import access_managed_policy
from services.bookings.setting_up.entries import PolicyChanged, announce
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def save_cancellation_policy(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    policy_id: UUID | None,
    values: dict[str, Any],
    idempotency_key: str,
) -> CancellationPolicy:
    """Create a policy, or change one, once per idempotency key. Bookings keep their copies."""
    claimed = await idempotency.claim(
        session,
        viewer,
        "saveCancellationPolicy",
        idempotency_key,
        vendor_id=vendor_id,
        policy_id=policy_id,
        values=values,
    )
    if claimed.replayed:
        return await access_managed_policy(session, viewer, claimed.replayed)
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_SERVICES, change=True)
    if policy_id is None:
        policy = await _create(session, vendor_id, values)
    else:
        policy = await _change(session, vendor_id, policy_id, values)
    announce(session, vendor_id, PolicyChanged(policy.id))
    await idempotency.record_result(session, claimed, policy.id)
    return policy


async def _create(
    session: AsyncSession, vendor_id: UUID, values: dict[str, Any]
) -> CancellationPolicy:
    draft = parse(PolicyDraft, **values)
    counted = select(func.count()).where(CancellationPolicy.vendor_id == vendor_id)
    if (await session.exec(counted)).one() >= MAX_POLICIES:
        raise PolicyLimitReached(most=MAX_POLICIES)
    policy = CancellationPolicy(vendor_id=vendor_id, **draft.columns())
    session.add(policy)
    return policy


async def _change(
    session: AsyncSession, vendor_id: UUID, policy_id: UUID, values: dict[str, Any]
) -> CancellationPolicy:
    rows = select(CancellationPolicy).where(
        CancellationPolicy.id == policy_id, CancellationPolicy.vendor_id == vendor_id
    )
    policy = (await session.exec(rows)).first()
    if policy is None:
        raise NotFound(field=["policyId"])
    tiers = [{"minutes_before": minutes, "refund_bps": bps} for minutes, bps in policy.tiers]
    current = policy.model_dump(include=set(PolicyDraft.model_fields)) | {"refund_tiers": tiers}
    for name, value in parse(PolicyDraft, **current | values).columns().items():
        setattr(policy, name, value)
    return policy


async def remove_cancellation_policy(
    session: AsyncSession, viewer: Viewer, *, policy_id: UUID
) -> None:
    """Remove a policy. Raises `PolicyInUse` if services have it. Bookings keep their copies."""
    policy = await access_managed_policy(session, viewer, policy_id)
    used = select(Service.id).where(Service.policy_id == policy_id).limit(1)
    if (await session.exec(used)).first() is not None:
        raise PolicyInUse
    await session.delete(policy)
    announce(session, policy.vendor_id, PolicyChanged(policy.id))
