"""Offers that users have claimed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from core.clock import now
from models.base import (
    UNREAD,
    Row,
    enum_column,
    foreign_key,
    optional_foreign_key,
    timestamp,
)
from models.offers.rules import MAX_USES
from models.personal_data import blank_values
from models.redemptions.refusals import (
    TooManyReissues,
    VoucherNotCancellable,
    VoucherNotUsable,
)
from models.redemptions.states import (
    RedemptionReason,
    VoucherState,
)
from models.vendors import Vendor

MAX_GENERATION = 1_000


REASONS_OF_STATE = {
    VoucherState.REDEEMED: RedemptionReason.ALREADY_REDEEMED,
    VoucherState.CANCELLED: RedemptionReason.CANCELLED,
    VoucherState.EXPIRED: RedemptionReason.EXPIRED,
}


class Voucher(Row, table=True):
    """An offer claimed by a user. `claim_number` counts the user's claims of it, from 1.

    `giver_id` is the user who claimed it and gave it away: the claim stays theirs, so that giving
    does not renew their limit. `holder_number` counts the vouchers of its holder, so that a user
    does not hold more than one may claim. `uses` counts its redemptions, reversed ones included,
    and `used` those that stand: once they are `max_uses`, or the balance is 0, it is REDEEMED.
    The signed token is stored so that an idempotent retry returns the same one. `last_step` is the
    step of the last rotating code of its generation that was accepted: it and earlier ones are
    used. Its holder claimed it within about a kilometre of `claim_latitude` and `claim_longitude`.
    """

    __table_args__ = (
        Index(
            "voucher_claim_number_key",
            "offer_id",
            text("coalesce(giver_id, user_id)"),
            "claim_number",
            unique=True,
            postgresql_where=text("state <> 'CANCELLED'"),
        ),
        Index(
            "voucher_holder_number_key",
            "offer_id",
            "user_id",
            "holder_number",
            unique=True,
            postgresql_where=text("state <> 'CANCELLED'"),
        ),
        Index("voucher_user_id_idx", "user_id", "created_at", "id"),
        Index("voucher_offer_id_state_idx", "offer_id", "state"),
        CheckConstraint("claim_number BETWEEN 1 AND 20", name="claim_number"),
        CheckConstraint("holder_number BETWEEN 1 AND 20", name="holder_number"),
        CheckConstraint("giver_id <> user_id", name="giver"),
        CheckConstraint("uses >= 0", name="uses"),
        CheckConstraint(f"max_uses BETWEEN 1 AND {MAX_USES}", name="max_uses"),
        CheckConstraint("used BETWEEN 0 AND max_uses", name="used"),
        CheckConstraint(
            "(value_minor IS NULL) = (balance_minor IS NULL) AND value_minor > 0"
            " AND balance_minor BETWEEN 0 AND value_minor",
            name="balance",
        ),
        CheckConstraint(f"generation BETWEEN 1 AND {MAX_GENERATION}", name="generation"),
        CheckConstraint("(state = 'REDEEMED') = (redeemed_at IS NOT NULL)", name="redeemed_at"),
        CheckConstraint("(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("held_at IS NULL OR state = 'CLAIMED'", name="held_at"),
        CheckConstraint("last_step >= 0", name="last_step"),
        CheckConstraint("claim_latitude BETWEEN -90 AND 90", name="claim_latitude"),
        CheckConstraint("claim_longitude BETWEEN -180 AND 180", name="claim_longitude"),
        CheckConstraint(
            "num_nonnulls(claim_latitude, claim_longitude) <> 1", name="claim_location"
        ),
    )
    __privacy__ = blank_values(
        secrets="code token",
        personal="claim_latitude claim_longitude",
        id="giver_id",
        none="claim_number holder_number generation uses max_uses used value_minor balance_minor"
        " last_step",
        blank={
            "code": "right(replace(id::text, '-', ''), 11)",
            "token": "''",
            "claim_latitude": "NULL",
            "claim_longitude": "NULL",
        },
    )

    offer_id: UUID = foreign_key("offer", index=False)
    vendor_id: UUID = foreign_key("vendor")
    user_id: UUID = foreign_key("user", index=False)
    giver_id: UUID | None = optional_foreign_key("user")
    claim_number: int
    holder_number: int
    code: str = Field(max_length=11, unique=True)
    token: str
    generation: int = 1
    uses: int = 0
    terms_id: UUID | None = optional_foreign_key("offer_terms")
    max_uses: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    used: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    value_minor: int | None = Field(default=None, sa_type=BigInteger)
    balance_minor: int | None = Field(default=None, sa_type=BigInteger)
    state: VoucherState = enum_column(VoucherState, default=VoucherState.CLAIMED)
    starts_at: datetime = timestamp()
    expires_at: datetime = timestamp()
    redeemed_at: datetime | None = timestamp(default=None)
    cancelled_at: datetime | None = timestamp(default=None)
    held_at: datetime | None = timestamp(default=None)
    last_step: int | None = None
    claim_latitude: float | None = Field(default=None, sa_column_kwargs={"info": UNREAD})
    claim_longitude: float | None = Field(default=None, sa_column_kwargs={"info": UNREAD})

    @property
    def is_held(self) -> bool:
        """Return whether an attempt to redeem the voucher is being checked."""
        return self.held_at is not None

    @property
    def was_given(self) -> bool:
        return self.giver_id is not None

    def redemption_result(
        self, vendor: Vendor, *, holder_suspended: bool = False
    ) -> RedemptionReason:
        """Return the result of redeeming this voucher at a vendor now."""
        if self.vendor_id != vendor.id:
            return RedemptionReason.OTHER_VENDOR
        if self.state in REASONS_OF_STATE or self.is_held:
            return REASONS_OF_STATE.get(self.state, RedemptionReason.BEING_CHECKED)
        if self.expires_at <= now():
            return RedemptionReason.EXPIRED
        if vendor.suspended:
            return RedemptionReason.VENDOR_SUSPENDED
        if holder_suspended:
            return RedemptionReason.USER_SUSPENDED
        return RedemptionReason.NOT_YET if self.starts_at > now() else RedemptionReason.APPROVED

    @property
    def is_used_up(self) -> bool:
        return self.used >= self.max_uses or self.balance_minor == 0

    def count_use(self, amount: int | None, moment: datetime) -> None:
        """Count a use, of an amount in minor units if the voucher has a balance."""
        self.uses, self.used, self.held_at = self.uses + 1, self.used + 1, None
        if self.balance_minor is not None:
            self.balance_minor -= amount or 0
        if self.is_used_up:
            self.state, self.redeemed_at = VoucherState.REDEEMED, moment

    def ensure_unused(self) -> None:
        if self.used:
            raise VoucherNotUsable("A voucher that was used in part cannot be given away.")

    def ensure_cancellable(self) -> None:
        if self.used and self.state is VoucherState.CLAIMED:
            raise VoucherNotCancellable("A voucher that was used in part cannot be cancelled.")
        if self.held_at is not None:
            raise VoucherNotCancellable("A voucher that is being checked cannot be cancelled.")
        if self.state is not VoucherState.CLAIMED:
            raise VoucherNotCancellable(
                "A voucher that is {state} cannot be cancelled.", state=self.state
            )

    def is_usable(self, moment: datetime) -> bool:
        """Return whether the voucher can still be redeemed, and no attempt is being checked."""
        claimed = self.state is VoucherState.CLAIMED and not self.is_held
        return claimed and moment < self.expires_at

    def ensure_usable(self, moment: datetime) -> None:
        """Raise `VoucherNotUsable` unless the voucher can be reissued or given at a moment."""
        if not self.is_usable(moment):
            raise VoucherNotUsable

    def renew(self, code: str, token: str) -> None:
        """Give the voucher new codes: those of its former generations are refused.

        The token is that of the next generation. Raises `TooManyReissues`.
        """
        if self.generation >= MAX_GENERATION:
            raise TooManyReissues
        self.generation += 1
        self.code, self.token, self.last_step = code, token, None

    def state_of_uses(self, used: int, moment: datetime) -> VoucherState:
        """Return the state with a number of standing uses, which scans that arrive late change."""
        if used >= self.max_uses or self.balance_minor == 0:
            return VoucherState.REDEEMED
        if self.state is not VoucherState.REDEEMED:
            return self.state
        return VoucherState.CLAIMED if moment < self.expires_at else VoucherState.EXPIRED

    def take_back_redemption(
        self, moment: datetime, amount: int | None = None, *, holder_gone: bool = False
    ) -> None:
        """Make a use undone. The voucher can be used again, unless its time is over.

        Then it is cancelled, or expired if other uses stand. So it is if the account of its holder
        has ended: a copy would be redeemed for no account. One that is cancelled already, or being
        checked, stays so.
        """
        self.used = max(0, self.used - 1)
        if self.balance_minor is not None:
            self.balance_minor += amount or 0
        if self.state is VoucherState.CANCELLED or self.is_held:
            return
        self.redeemed_at = None
        if self.expires_at > moment and not holder_gone:
            self.state = VoucherState.CLAIMED
        elif self.used:
            self.state, self.expires_at = VoucherState.EXPIRED, min(self.expires_at, moment)
        else:
            self.state, self.cancelled_at = VoucherState.CANCELLED, moment
