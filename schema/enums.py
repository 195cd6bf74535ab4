"""The business's own enums, made known to GraphQL. Take them from here, so that they are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import strawberry

from core.file_types import UploadRejectionReason
from models.chat.conversations import ConversationState, Side
from models.chat.messages import MessageKind, NoticeKind, Receipt, VersionKind
from models.chat.reports import ReportReason
from models.errors import ErrorCode
from models.identity.accounts import Role
from models.identity.api_tokens import ApiScope
from models.notifications.deliveries import DeliveryState, SkipReason
from models.notifications.devices import Platform
from models.notifications.inbox import Channel, NotificationKind
from models.offers.offers import OfferState
from models.redemptions import RedemptionOutcome, RedemptionReason, VoucherState
from models.uploads import UploadPurpose, UploadState
from models.vendors import MemberRole, VendorStatus
from schema.meanings import REFUSALS
from services.chat.assignments import AssignmentFilter
from services.offers.search import OfferOrder

DESCRIPTIONS: Mapping[type[StrEnum], str] = {
    ApiScope: "What an API token is good for.",
    AssignmentFilter: "Whose conversations are listed.",
    Channel: "How somebody who isn't looking is told.",
    ConversationState: "Whether a conversation is open.",
    DeliveryState: "What has become of a delivery.",
    ErrorCode: "Why a mutation did not do what it was asked.",
    UploadRejectionReason: "Why a file is not taken.",
    MemberRole: "What a member may do at a vendor, the most first.",
    MessageKind: "What a message is made of.",
    NoticeKind: "What the house itself tells in a conversation.",
    NotificationKind: "What a user is told of.",
    OfferOrder: "In which order offers come.",
    OfferState: "Where an offer is in its life.",
    Platform: "What an app runs on.",
    Receipt: "How far a message has come with the other side.",
    RedemptionOutcome: "What the till is told.",
    RedemptionReason: "Why an attempt ended as it did.",
    ReportReason: "What is wrong with a message.",
    Role: "What a person is on the platform as a whole.",
    Side: "For which of the two something is said in a conversation.",
    UploadPurpose: "What a file is for.",
    UploadState: "How far a file has come.",
    SkipReason: "Why something was not sent after all.",
    VendorStatus: "Whether a vendor may be seen and may sell.",
    VersionKind: "What ended a version of a message.",
    VoucherState: "What has become of a voucher.",
}

# By enum first: members of two StrEnums that are written alike are equal.
VALUES: Mapping[type[StrEnum], Mapping[Any, str]] = {
    ApiScope: {
        ApiScope.READ: "Queries and subscriptions.",
        ApiScope.WRITE: "Mutations, save those that are for a person alone.",
    },
    AssignmentFilter: {
        AssignmentFilter.ANYONE: "All of the vendor's.",
        AssignmentFilter.UNASSIGNED: "Those that no member looks after.",
        AssignmentFilter.MINE: "Those that the viewer looks after.",
    },
    Channel: {
        Channel.PUSH: "A push message to each of the user's devices.",
        Channel.MAIL: "A mail to the account's address.",
    },
    ConversationState: {
        ConversationState.OPEN: "Both sides can write.",
        ConversationState.ARCHIVED: "Put away by one of them; the next message opens it again.",
        ConversationState.BLOCKED: "One side blocks the other, so nothing can be written.",
    },
    DeliveryState: {
        DeliveryState.WAITING: "On its way: not tried yet, or about to be tried again.",
        DeliveryState.SENT: "The provider took it.",
        DeliveryState.SKIPPED: "Not sent, and needn't be; `skipReason` says why.",
        DeliveryState.FAILED: "Given up: a dead letter.",
    },
    ErrorCode: {code: meaning.when for code, meaning in REFUSALS.items()},
    UploadRejectionReason: {
        UploadRejectionReason.SIZE: "More or less has arrived than was announced.",
        UploadRejectionReason.TOO_LARGE: "It is larger than files of its type may be.",
        UploadRejectionReason.TYPE: "It is, by what is in it, of no type that is taken.",
        UploadRejectionReason.AMBIGUOUS: "It can be read as more than one type.",
        UploadRejectionReason.DAMAGED: "It cannot be read to its end.",
        UploadRejectionReason.PIXELS: "Over 64 million pixels, or too slow to decode.",
    },
    MemberRole: {
        MemberRole.OWNER: "Owns the vendor and may do everything at it.",
        MemberRole.MANAGER: "Writes and publishes offers, and does all that staff do.",
        MemberRole.STAFF: "Works at the vendor and sees what its members see.",
        MemberRole.SCANNER: "Redeems vouchers at the till.",
    },
    MessageKind: {
        MessageKind.TEXT: "Words.",
        MessageKind.IMAGE: "An image, with or without words.",
        MessageKind.FILE: "A file, with or without words.",
        MessageKind.OFFER: "The card of an offer, with or without words.",
        MessageKind.AUTO_REPLY: "What the vendor has set to be said out of its hours.",
        MessageKind.NOTICE: "Told by the house itself; `notice` says what.",
    },
    NoticeKind: {
        NoticeKind.ASSIGNED: "Another member of the vendor looks after it now, or none.",
        NoticeKind.ARCHIVED: "It was put away.",
        NoticeKind.REOPENED: "It was taken out again.",
    },
    NotificationKind: {
        NotificationKind.VOUCHER_REDEEMED: "A voucher of the user's was redeemed.",
        NotificationKind.MESSAGE_RECEIVED: "There are messages that the user has not read.",
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
    Platform: {
        Platform.ANDROID: "Android.",
        Platform.IOS: "iOS or iPadOS.",
        Platform.WEB: "A browser.",
    },
    Receipt: {
        Receipt.SENT: "It is kept, and has not arrived yet.",
        Receipt.DELIVERED: "A device of the other side has it.",
        Receipt.READ: "Somebody of the other side has read it.",
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
    ReportReason: {
        ReportReason.SPAM: "Nobody asked for it.",
        ReportReason.ABUSE: "It hurts or threatens somebody.",
        ReportReason.FRAUD: "It means to cheat somebody.",
        ReportReason.OTHER: "Something else; the note says what.",
    },
    Role: {
        Role.USER: "A person like any other.",
        Role.ADMIN: "Approves, moderates, and sees the whole platform.",
    },
    Side: {
        Side.USER: "For the user.",
        Side.VENDOR: "For the vendor, by one of its members or by the house.",
    },
    UploadPurpose: {
        UploadPurpose.CHAT: "To be sent in a message.",
    },
    UploadState: {
        UploadState.PENDING: "Announced; it is to be sent to its link and then finished.",
        UploadState.READY: "Arrived, and found fit.",
        UploadState.REFUSED: "Arrived, and not taken; `rejectionReason` says why.",
    },
    SkipReason: {
        SkipReason.READ: "The user has read it meanwhile, or it was taken back.",
        SkipReason.UNWANTED: "The user doesn't want this kind on this channel any more.",
        SkipReason.NO_ADDRESS: "The device is gone, or is another user's now.",
        SkipReason.NO_PART: "The conversation is blocked, or the user has no part in it any more.",
        SkipReason.SUPERSEDED: "A later notification tells of it too.",
        SkipReason.DROPPED: "An admin let it be.",
    },
    VendorStatus: {
        VendorStatus.PENDING: "Waits for an admin's decision.",
        VendorStatus.APPROVED: "Can be seen and can sell.",
        VendorStatus.SUSPENDED: "Was approved, and may not sell for now.",
        VendorStatus.REJECTED: "Was not approved.",
    },
    VersionKind: {
        VersionKind.EDITED: "Its sender said it otherwise.",
        VersionKind.DELETED: "Its sender took it back.",
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
    "ApiScope",
    "AssignmentFilter",
    "Channel",
    "ConversationState",
    "DeliveryState",
    "ErrorCode",
    "MemberRole",
    "MessageKind",
    "NoticeKind",
    "NotificationKind",
    "OfferOrder",
    "OfferState",
    "Platform",
    "Receipt",
    "RedemptionOutcome",
    "RedemptionReason",
    "ReportReason",
    "Role",
    "Side",
    "SkipReason",
    "UploadPurpose",
    "UploadRejectionReason",
    "UploadState",
    "VendorStatus",
    "VersionKind",
    "VoucherState",
]
