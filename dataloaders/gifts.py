"""Loaders of gifts of vouchers."""

from engine.loaders import visible
from models.gifts import VoucherGift
from services.gifts.access import visible_gifts

visible_gift = visible(VoucherGift, visible_gifts)
