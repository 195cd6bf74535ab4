"""Gifts of vouchers: made and withdrawn by holders, accepted and declined by receivers."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models import gifts as rows
from models import redemptions
from models.errors import KEYED, InvalidInput, NotFound
from models.offers.offers import ClaimLimitReached
from models.quotas import DailyLimitReached
from models.redemptions import refusals
from schema.gifts.types import (
    AcceptGiftInput,
    DeclineGiftInput,
    GiftId,
    GiftVoucherInput,
    VoucherGift,
)
from schema.redemptions.types import Voucher
from services.gifts import giving, receiving
from services.gifts.access import list_gifts


@strawberry.type
class GiftQuery:
    @connection(
        Connection[VoucherGift], "The gifts of vouchers from and to the viewer, newest first."
    )
    def voucher_gifts(self, info: Info) -> Listing[Any]:
        return list_gifts(info.context.viewer)


@strawberry.type
class GiftMutation:
    @mutation(
        personal=True,
        gift=VoucherGift,
        raises=(
            InvalidInput,
            NotFound,
            rows.InvalidGiftState,
            rows.VoucherGivenBefore,
            refusals.VoucherNotUsable,
            DailyLimitReached,
            *KEYED,
        ),
    )
    async def gift_voucher(self, info: Info, input: GiftVoucherInput) -> rows.VoucherGift:
        """Give a voucher to a user, or to the first who enters the gift's `code`. It stays the
        viewer's until it is accepted, for at most seven days. A voucher can be given once.
        """
        async with info.context.transaction() as session:
            return await giving.gift_voucher(
                session,
                info.context.viewer,
                voucher_id=input.voucher_id,
                to_user_id=input.to_user_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        personal=True,
        gift=VoucherGift,
        raises=(NotFound, rows.InvalidGiftState),
        repeatable="sets a state",
    )
    async def withdraw_gift(self, info: Info, gift_id: GiftId) -> rows.VoucherGift:
        """Withdraw a gift that is not accepted yet."""
        async with info.context.transaction() as session:
            return await giving.withdraw_gift(session, info.context.viewer, gift_id=gift_id)

    @mutation(
        personal=True,
        voucher=Voucher,
        raises=(
            InvalidInput,
            NotFound,
            rows.InvalidGiftState,
            ClaimLimitReached,
            refusals.TooManyReissues,
            *KEYED,
        ),
    )
    async def accept_gift(self, info: Info, input: AcceptGiftInput) -> redemptions.Voucher:
        """Accept a voucher, with the id of a gift to the viewer or its code. It gets new codes, and
        the former ones are refused. It counts towards what the viewer may have of the offer.
        """
        gift_id, code = input.gift.given()
        async with info.context.transaction() as session:
            return await receiving.accept_gift(
                session,
                info.context.viewer,
                info.context.app.keys,
                gift_id=gift_id,
                code=code,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        personal=True,
        gift=VoucherGift,
        raises=(InvalidInput, NotFound, rows.InvalidGiftState),
        repeatable="sets a state",
    )
    async def decline_gift(self, info: Info, input: DeclineGiftInput) -> rows.VoucherGift:
        """Decline a voucher. Its holder keeps it."""
        gift_id, code = input.gift.given()
        async with info.context.transaction() as session:
            return await receiving.decline_gift(
                session, info.context.viewer, gift_id=gift_id, code=code
            )
