"""Enums of the domain `redemptions` in the GraphQL schema."""

from engine.enums import publish
from models.events.check_in.scans import ScanLight, ScanMode
from models.redemptions import OfflineBreach, RedemptionOutcome, RedemptionReason, VoucherState

__all__ = [
    "OfflineBreach",
    "RedemptionOutcome",
    "RedemptionReason",
    "ScanLight",
    "ScanMode",
    "VoucherState",
]

publish(
    ScanMode,
    "Whether there was a network.",
    ONLINE="The server has decided.",
    OFFLINE="The scanner has decided, and sent the scan later.",
)

publish(
    ScanLight,
    "The light that a scanner showed.",
    GREEN="Valid: let in, let out, or goods handed over.",
    RED="Not valid.",
)

publish(
    OfflineBreach,
    "The limit that a scanner without a network has passed when it accepted a voucher. Goods were"
    " handed over, so the attempt is decided like others, and scored.",
    BUNDLE_EXPIRED="Its bundle had expired, or it had none.",
    OFFLINE_LIMIT="As many vouchers as its bundle allows were accepted with it before.",
)

publish(
    RedemptionOutcome,
    "The decision on an attempt to redeem a voucher.",
    APPROVED="The voucher is redeemed. Hand over the goods.",
    HELD="The attempt is being checked. Wait for the result.",
    BLOCKED="Suspected fraud. Do not hand over the goods.",
    REFUSED="The voucher is not valid; `reason` explains why. Do not hand over the goods.",
    DOUBLE="Goods were handed over by a scanner without a network, or before its scans arrived,"
    " although the voucher was already used or cancelled.",
)

publish(
    RedemptionReason,
    "The reason for the decision on an attempt to redeem a voucher.",
    APPROVED="The voucher was valid and is now redeemed.",
    EXPIRED="The voucher has expired.",
    NOT_YET="The voucher is not valid yet.",
    ALREADY_REDEEMED="The voucher was already redeemed.",
    OTHER_VENDOR="The voucher belongs to another vendor.",
    CANCELLED="The owner has cancelled the voucher.",
    BAD_SIGNATURE="The QR code was not signed by this server.",
    OLD_GENERATION="The QR code was replaced by a newer one.",
    WRONG_TYPE="The QR code was signed by this server, but does not belong to a voucher.",
    UNKNOWN="No voucher has this code.",
    NOT_ACCEPTED="The scanner did not accept it, without a network.",
    VENDOR_SUSPENDED="The vendor is suspended.",
    USER_SUSPENDED="The account of the voucher's holder is suspended.",
    BEING_CHECKED="The voucher is being checked. Wait for the result: `vendorRedemptions`.",
    SUSPECTED_FRAUD="The check found signs of fraud.",
    RULE_FAILED="A rule of the offer's terms is not met: see `failedRule`.",
    NOT_CHECKED="The check was not finished in time. The voucher can be presented again.",
    CODE_EXPIRED="The rotating code is missing, wrong, or of another time. Let the customer open"
    " the voucher, and scan it again.",
    STEP_USED="The rotating code was used already. Scan the next one.",
)

publish(
    VoucherState,
    "The state of a voucher.",
    CLAIMED="Valid and not redeemed.",
    REDEEMED="Redeemed at its vendor.",
    EXPIRED="Expired before it was redeemed.",
    CANCELLED="Cancelled by its owner.",
)
