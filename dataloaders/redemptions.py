"""Loaders of vouchers and redemptions."""

from engine.loaders import by_id, children, visible
from models.redemptions import Redemption, Voucher
from services.redemptions import visible_redemptions, visible_vouchers

voucher_by_id = by_id(Voucher)
redemption_by_id = by_id(Redemption)
visible_voucher = visible(Voucher, visible_vouchers)
visible_redemption = visible(Redemption, visible_redemptions)
redemptions_of_voucher = children(Redemption, "voucher_id", visible_redemptions)
