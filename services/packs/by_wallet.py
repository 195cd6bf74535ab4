"""Subscriptions whose saved method cannot be charged any more: the vendor's wallet pays them.

The vendor is reminded as for each charge that fails, if the wallet has too little.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.packs.subscriptions import PackSubscription
from models.payments.payments import PaymentProvider
from models.vendors import MemberRole, VendorMember
from services.packs.entries import publish_balance


async def stop_paying(session: AsyncSession, vendor_id: UUID, user_id: UUID) -> None:
    """Stop charging the saved methods of a member who may not buy packs any more.

    The next purchases are those of an owner: who has left gets no news of them.
    """
    await _pay_by_wallet(
        session,
        col(PackSubscription.vendor_id) == vendor_id,
        col(PackSubscription.user_id) == user_id,
        col(PackSubscription.method_id).is_not(None),
    )
    owners = select(VendorMember.user_id).where(
        VendorMember.vendor_id == vendor_id,
        VendorMember.user_id != user_id,
        VendorMember.role == MemberRole.OWNER,
    )
    owner_id = (await session.exec(owners.order_by(col(VendorMember.id)).limit(1))).first()
    if owner_id is not None:
        own = (
            col(PackSubscription.vendor_id) == vendor_id,
            col(PackSubscription.user_id) == user_id,
        )
        await session.exec(update(PackSubscription).where(*own).values(user_id=owner_id))


async def stop_charging(session: AsyncSession, method_ids: Collection[UUID]) -> None:
    """Stop charging saved methods, which the caller removes in this transaction."""
    if method_ids:
        await _pay_by_wallet(session, col(PackSubscription.method_id).in_(method_ids))


async def _pay_by_wallet(session: AsyncSession, *conditions: ColumnElement[bool]) -> None:
    by_wallet = {"provider": PaymentProvider.WALLET, "method_id": None}
    changed = (
        update(PackSubscription)
        .where(*conditions)
        .values(**by_wallet)
        .returning(col(PackSubscription.vendor_id))
    )
    for vendor_id in sorted(set((await session.exec(changed)).scalars())):
        publish_balance(session, vendor_id)
