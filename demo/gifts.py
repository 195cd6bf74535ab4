"""A voucher that another user gives to the customer of the demo."""

from datetime import timedelta

from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from models.gifts import VoucherGift, end_of_gift
from models.redemptions import Voucher, VoucherState

ROOM = timedelta(days=2)  # in which the gift can be accepted


def seed_gift(rng: SeededRandom, dataset: Dataset) -> None:
    """Offer the customer the first voucher of an offer of which they have none."""
    customer = dataset.user_of(CUSTOMER)
    held = {one.offer_id for one in dataset.vouchers if one.user_id == customer.id}
    for voucher in dataset.vouchers:
        if voucher.offer_id not in held and _can_be_given(voucher, dataset):
            dataset.gifts.append(
                VoucherGift(
                    id=rng.uuid7_at(dataset.now),
                    created_at=dataset.now,
                    voucher_id=voucher.id,
                    from_user_id=voucher.user_id,
                    to_user_id=customer.id,
                    code="G1FT-F0RY-0VFR-0MME",
                    expires_at=end_of_gift(voucher, dataset.now),
                )
            )
            return


def _can_be_given(voucher: Voucher, dataset: Dataset) -> bool:
    usable = voucher.state is VoucherState.CLAIMED and voucher.starts_at <= dataset.now
    return usable and voucher.expires_at > dataset.now + ROOM
