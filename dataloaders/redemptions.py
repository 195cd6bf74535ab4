"""Loaders of vouchers and redemptions."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from core.statements.selected import columns_of, select_columns
from core.statements.statement import Statement, any_of
from engine.loaders import by_id, children, of_viewer, one_each, visible
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher
from models.redemptions.bills import Bill
from services.redemptions.redemptions import visible_redemptions, visible_vouchers
from services.viewer import VIEWER_ID

_NEWEST_OWN = (
    select_columns(Voucher)
    .ext(distinct_on(col(Voucher.offer_id)))
    .where(col(Voucher.user_id) == VIEWER_ID, any_of(col(Voucher.offer_id)))
    .order_by(col(Voucher.offer_id), col(Voucher.created_at).desc(), col(Voucher.id).desc())
)
_OFFERS = (
    select(*columns_of(Offer), col(Voucher.id).label("voucher_id"))
    .join(Voucher, col(Voucher.offer_id) == col(Offer.id))
    .where(any_of(col(Voucher.id)))
)

voucher_by_id = by_id(Voucher)
redemption_by_id = by_id(Redemption)
bill_by_id = by_id(Bill)
visible_voucher = visible(Voucher, visible_vouchers)
visible_redemption = visible(Redemption, visible_redemptions)
redemptions_of_voucher = children(Redemption, "voucher_id", visible_redemptions)
redemptions_of_scanner = children(Redemption, "scanner_id", visible_redemptions)
offer_of_voucher = one_each(Statement(_OFFERS, Offer), "voucher_id")
newest_voucher_of_viewer = of_viewer(one_each(Statement(_NEWEST_OWN, Voucher), "offer_id"))
