"""The business's own enums, made known to GraphQL. Take them from here, so that they are."""

import strawberry

from models.errors import ErrorCode
from models.identity import Role
from models.offers import OfferState
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from models.vendors import MemberRole, VendorStatus
from services.offer_search import OfferOrder

DESCRIPTIONS = {
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

for _enum, _description in DESCRIPTIONS.items():
    strawberry.enum(_enum, description=_description)

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
