"""Enums of fraud in the GraphQL schema."""

from enum import StrEnum

from engine.enums import publish
from models.fraud.cases import CaseDecision, CaseEffect, CaseState
from models.fraud.links import LinkKind
from models.fraud.rules import Factor
from models.fraud.settings import FraudMode, OnTimeout, RotationMode
from models.redemptions import CounterState

__all__ = [
    "CaseDecision",
    "CaseEffect",
    "CaseState",
    "CounterState",
    "Factor",
    "FraudCaseOrder",
    "FraudMode",
    "LinkKind",
    "OnTimeout",
    "RotationMode",
]


class FraudCaseOrder(StrEnum):
    """The order of a list of cases."""

    RISK = "RISK"
    AGE = "AGE"


publish(
    FraudCaseOrder,
    "The order of a list of fraud cases.",
    RISK="The highest score first.",
    AGE="The oldest first.",
)
publish(
    CaseState,
    "The state of a fraud case.",
    OPEN="In the queue.",
    UNDER_REVIEW="Taken by a reviewer, until their lease ends.",
    RESOLVED="Decided.",
)
publish(
    CaseDecision,
    "The decision of a reviewer.",
    APPROVED="No fraud. A held attempt is approved as of its scan.",
    REJECTED="Fraud. A held attempt is blocked, and the voucher given back with its time.",
)
publish(
    CaseEffect,
    "The end of a hold.",
    APPROVED="The voucher was redeemed as of the scan.",
    REJECTED="The attempt was blocked, or the voucher was cancelled meanwhile.",
    TIMED_OUT="No decision came in time, and the settings decided.",
    NONE="There was no hold.",
)
publish(
    CounterState,
    "Whether the counters of a score were complete.",
    COMPLETE="They were.",
    REBUILDING="They were being rebuilt, so some counts can be too low.",
    LOST="They could not be read, or the scan was made without a network: the score has no factor"
    " that counts attempts.",
)
publish(
    FraudMode,
    "The effect of scores.",
    SHADOW="Scores are stored, and change nothing.",
    ACT="Attempts are held and blocked by their score.",
)
publish(
    OnTimeout,
    "The effect of a hold that ends without a decision.",
    BY_SCORE="Approved below `approveBelow`, else the voucher is given back.",
    APPROVE="Approved.",
    RELEASE="The voucher is given back.",
)
publish(
    LinkKind,
    "The kind of link between accounts.",
    DEVICE="An installation of the app.",
    PHONE="A phone number that one had after the other.",
    ADDRESS="The network of a sign-in in the last 30 days.",
    CARD="A card that paid.",
)
publish(
    Factor,
    "Something that is measured of an attempt. Values may be added.",
    FAR_FROM_SHOP="The distance of the scan from the vendor, in km.",
    FAR_FROM_CLAIM="The distance of the scan from where the offer was claimed, in km.",
    TRAVEL_SPEED="The speed since the holder's last located attempt over 10 km away, in km/h.",
    USER_RATE="Attempts with vouchers of the holder in the window.",
    DEVICE_RATE="Attempts with vouchers of accounts of the holder's device in the window.",
    DEVICE_DAILY_RATE="The same over a longer window.",
    ADDRESS_RATE="Attempts with vouchers of accounts of the holder's network in the window.",
    DEVICE_ACCOUNTS="Accounts on the holder's device in 30 days.",
    QUICK="Seconds since the claim. Risky if low.",
    YOUNG_ACCOUNT="The age of the account in days. Risky if low.",
    HISTORY="Redeemed vouchers of an account that is older than 60 days.",
    GUESSING="Wrong or forged codes that the member presented at the vendor in the window.",
    VENDOR_RATE="The vendor's attempts in an hour, as a multiple of the usual number.",
    STATIC_CODE="A QR code without a rotating code, if the vendor prefers one.",
    OFFLINE_DOUBLE="1 for a scan that showed a used voucher as valid, found when scans without a"
    " network arrived.",
    BUNDLE_EXPIRED="1 for a scan without a network after the scanner's bundle had expired, or"
    " without one.",
    OFFLINE_LIMIT="1 for a scan without a network above the limit of the scanner's bundle.",
    SCAN_CLOCK="1 for a scan without a network at a time that cannot be right, so that the server"
    " has replaced it.",
)
publish(
    RotationMode,
    "Whether a QR code needs a rotating code: see `Voucher.rotatingCode`.",
    OFF="Not needed, and not read.",
    PREFER="A wrong one is refused. A QR code without one is accepted, and scored.",
    REQUIRE="A QR code without one is refused, and so is a typed code.",
)
