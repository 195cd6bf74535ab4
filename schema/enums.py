"""The business's own enums, made known to GraphQL. Take them from here, so that they are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import strawberry

from models.errors import ErrorCode
from models.identity import Role
from models.offers import OfferState
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from models.vendors import MemberRole, VendorStatus
from schema.meanings import REFUSALS
from services.offer_search import OfferOrder

DESCRIPTIONS: Mapping[type[StrEnum], str] = {
    ErrorCode: "Why a mutation did not do what it was asked.",
    MemberRole: "What a member may do at a vendor, the most first.",
    OfferOrder: "In which order offers come.",
    OfferState: "Where an offer is in its life.",
    RedemptionOutcome: "What the till is told.",
    RedemptionReason: "Why an attempt ended as it did.",
    Role: "What a person is on the platform as a whole.",
    VendorStatus: "Whether a vendor may be seen and may sell.",
    VoucherState: "What has become of a voucher.",
}

# By enum first: members of two StrEnums that are written alike are equal.
VALUES: Mapping[type[StrEnum], Mapping[Any, str]] = {
    ErrorCode: {code: meaning.when for code, meaning in REFUSALS.items()},
    MemberRole: {
        MemberRole.OWNER: "Owns the vendor and may do everything at it.",
        MemberRole.MANAGER: "Writes and publishes offers, and does all that staff do.",
        MemberRole.STAFF: "Works at the vendor and sees what its members see.",
        MemberRole.SCANNER: "Redeems vouchers at the till.",
    },
    OfferOrder: {
        OfferOrder.NEWEST: "The latest drafted first.",
        OfferOrder.ENDING_SOON: "Those that end the soonest first.",
        OfferOrder.NEAREST: "The nearest first; needs `near`.",
        OfferOrder.RELEVANCE: "Those most like the searched text first; needs `search`.",
    },
    OfferState: {
        OfferState.DRAFT: "Being written; only the vendor's members see it.",
        OfferState.PUBLISHED: "Open for claims between its start and its end.",
        OfferState.PAUSED: "Closed for claims for now; vouchers already claimed stay good.",
        OfferState.EXPIRED: "Its time is over.",
        OfferState.ARCHIVED: "Put away for good; vouchers already claimed stay good.",
    },
    RedemptionOutcome: {
        RedemptionOutcome.APPROVED: "Hand it out: the voucher is used up now.",
        RedemptionOutcome.HELD: "Wait: somebody has to look at it first.",
        RedemptionOutcome.BLOCKED: "Don't hand it out: it looks like fraud.",
        RedemptionOutcome.REFUSED: "Don't hand it out; `reason` says why.",
    },
    RedemptionReason: {
        RedemptionReason.APPROVED: "The voucher is good, and used up now.",
        RedemptionReason.EXPIRED: "The voucher's time is over.",
        RedemptionReason.NOT_YET: "The voucher's time has not begun.",
        RedemptionReason.ALREADY_REDEEMED: "The voucher was used up before.",
        RedemptionReason.OTHER_VENDOR: "The voucher is for another vendor.",
        RedemptionReason.CANCELLED: "Its owner gave the voucher back.",
        RedemptionReason.BAD_SIGNATURE: "The QR code was not signed by us.",
        RedemptionReason.OLD_GENERATION: "The QR code was replaced by a newer one.",
        RedemptionReason.WRONG_TYPE: "The QR code is signed by us, and is no voucher's.",
        RedemptionReason.UNKNOWN: "There is no voucher by this code.",
    },
    Role: {
        Role.USER: "A person like any other.",
        Role.ADMIN: "Approves, moderates, and sees the whole platform.",
    },
    VendorStatus: {
        VendorStatus.PENDING: "Waits for an admin's decision.",
        VendorStatus.APPROVED: "Can be seen and can sell.",
        VendorStatus.SUSPENDED: "Was approved, and may not sell for now.",
        VendorStatus.REJECTED: "Was not approved.",
    },
    VoucherState: {
        VoucherState.CLAIMED: "Good, and not used yet.",
        VoucherState.REDEEMED: "Used up at its vendor.",
        VoucherState.EXPIRED: "Its time ended before it was used.",
        VoucherState.CANCELLED: "Given back by its owner.",
    },
}


def _publish(kind: Any, description: str) -> None:
    strawberry.enum(kind, description=description)
    for value in kind.__strawberry_definition__.values:
        value.description = VALUES[kind].get(kind[value.name])


for _kind, _description in DESCRIPTIONS.items():
    _publish(_kind, _description)

__all__ = [
    "ErrorCode",
    "MemberRole",
    "OfferOrder",
    "OfferState",
    "RedemptionOutcome",
    "RedemptionReason",
    "Role",
    "VendorStatus",
    "VoucherState",
]
