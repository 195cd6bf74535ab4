"""Loaders of vouchers and redemptions."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, children, in_session, visible
from models.redemptions import Redemption, Voucher
from services.redemptions.redemptions import visible_redemptions, visible_vouchers
from services.viewer import Viewer

voucher_by_id = by_id(Voucher)
redemption_by_id = by_id(Redemption)
visible_voucher = visible(Voucher, visible_vouchers)
visible_redemption = visible(Redemption, visible_redemptions)
redemptions_of_voucher = children(Redemption, "voucher_id", visible_redemptions)


async def _newest_own(
    session: AsyncSession, viewer: Viewer, offer_ids: Sequence[UUID]
) -> Mapping[UUID, Voucher | None]:
    owner_id = viewer.optional_user_id
    if owner_id is None:
        return {}
    rows = (
        select(Voucher)
        .ext(distinct_on(col(Voucher.offer_id)))
        .where(Voucher.user_id == owner_id, col(Voucher.offer_id).in_(offer_ids))
        .order_by(col(Voucher.offer_id), col(Voucher.created_at).desc(), col(Voucher.id).desc())
    )
    return {voucher.offer_id: voucher for voucher in await session.exec(rows)}


newest_voucher_of_viewer: Loader[UUID, Voucher | None] = Loader(in_session(_newest_own), None)
