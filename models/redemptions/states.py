"""States of vouchers, and outcomes of attempts to redeem them."""

from enum import StrEnum


class VoucherState(StrEnum):
    """`CLAIMED → REDEEMED / EXPIRED / CANCELLED`.

    A reversal makes `REDEEMED → CLAIMED`, or CANCELLED if the time of the voucher is over.
    """

    CLAIMED = "CLAIMED"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class RedemptionOutcome(StrEnum):
    APPROVED = "APPROVED"
    HELD = "HELD"
    BLOCKED = "BLOCKED"
    REFUSED = "REFUSED"
    DOUBLE = "DOUBLE"


class RedemptionReason(StrEnum):
    """The reason for the outcome of a redemption."""

    APPROVED = "APPROVED"
    EXPIRED = "EXPIRED"
    NOT_YET = "NOT_YET"
    ALREADY_REDEEMED = "ALREADY_REDEEMED"
    OTHER_VENDOR = "OTHER_VENDOR"
    CANCELLED = "CANCELLED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    OLD_GENERATION = "OLD_GENERATION"
    WRONG_TYPE = "WRONG_TYPE"
    UNKNOWN = "UNKNOWN"
    VENDOR_SUSPENDED = "VENDOR_SUSPENDED"
    USER_SUSPENDED = "USER_SUSPENDED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    BEING_CHECKED = "BEING_CHECKED"
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD"
    NOT_CHECKED = "NOT_CHECKED"
    RULE_FAILED = "RULE_FAILED"
    CODE_EXPIRED = "CODE_EXPIRED"
    STEP_USED = "STEP_USED"


class CounterState(StrEnum):
    """Whether the counters of the risk score were complete when an attempt was scored."""

    COMPLETE = "COMPLETE"
    REBUILDING = "REBUILDING"
    LOST = "LOST"


class OfflineBreach(StrEnum):
    """The limit that a scanner has passed when it accepted a voucher without a network."""

    BUNDLE_EXPIRED = "BUNDLE_EXPIRED"
    OFFLINE_LIMIT = "OFFLINE_LIMIT"
