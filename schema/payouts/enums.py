"""Enums of the domain `payouts` in the GraphQL schema."""

from engine.enums import publish
from models.payouts.accounts import PayoutAccountState, PayoutRail
from models.payouts.files import PayoutFileState, PayoutFormat
from models.payouts.payouts import PayoutCause, PayoutState
from models.payouts.reconciliation import DiscrepancyCause, MatchState, TransactionKind
from models.payouts.terms import PayoutSchedule

__all__ = [
    "DiscrepancyCause",
    "MatchState",
    "PayoutAccountState",
    "PayoutCause",
    "PayoutFileState",
    "PayoutFormat",
    "PayoutRail",
    "PayoutSchedule",
    "PayoutState",
    "TransactionKind",
]

publish(
    PayoutRail,
    "The way in which a vendor is paid out.",
    STRIPE="Into an account at Stripe, which the vendor opens there.",
    PAYSTACK="Into a bank account, by Paystack.",
    BANK_FILE="Into a bank account, by a file of transfers that admins hand over to a bank.",
)
publish(
    PayoutAccountState,
    "The state of a payout account.",
    ONBOARDING="Not checked by the provider yet, or not completed by the vendor.",
    ACTIVE="Can get money from `usableFrom` on.",
    RESTRICTED="Cannot get money now: see `problem`.",
    CLOSED="Closed, or replaced by another one.",
)
publish(
    PayoutState,
    "The state of a payout.",
    PLANNED="Will be sent. Its money is still in the balance.",
    SENDING="Its money has left the balance, and it is handed over to the provider, or is in a"
    " file.",
    UNKNOWN="It is not known whether the provider has it. It is looked up, and not sent again.",
    IN_TRANSIT="On its way to the bank.",
    PAID="The money has arrived at the bank.",
    FAILED="Failed: the money is in the balance again.",
    RETURNED="The bank has sent it back after it was paid: the money is in the balance again.",
    CANCELLED="Ended before it was sent.",
)
publish(
    PayoutCause,
    "Why a payout ended without money for the vendor.",
    ACCOUNT="Its payout account was closed or replaced.",
    PROVIDER="The provider has refused it, or could not pay it.",
    RETURNED="The bank has sent it back.",
    TOO_SMALL="Less than the minimum was left in the balance, such as after refunds.",
    FILE_CANCELLED="Its file was cancelled. The schedule plans another one.",
    WITHDRAWN="An owner of the vendor has cancelled it.",
)
publish(
    PayoutSchedule,
    "The times at which a vendor is paid out.",
    DAILY="Each day.",
    WEEKLY="A week after the last payout.",
    MANUAL="When an owner requests it.",
)
publish(
    PayoutFormat,
    "The format of a file of payouts.",
    NEFT_CSV="A list for NEFT, in CSV.",
    SEPA_XML="SEPA credit transfers: pain.001.001.09 of ISO 20022.",
)
publish(
    PayoutFileState,
    "The state of a file of payouts.",
    MADE="Waits for another admin.",
    APPROVED="Can be downloaded and handed over to the bank.",
    CANCELLED="Cancelled: the money is in the balances again.",
)
publish(
    TransactionKind,
    "The kind of a line of a payment provider.",
    PAYMENT="A payment came in.",
    REFUND="A refund went out, or came back.",
    PAYOUT="The provider has paid the platform.",
    TRANSFER="A vendor was paid out, or the money came back.",
    DISPUTE="A dispute took money, or gave it back.",
    FEE="A fee of its own.",
    OTHER="Anything else.",
    BALANCE="No line of the provider: its balance differs from that of the ledger.",
    ANSWER="No line of the provider: a payout that has another amount or currency there.",
)
publish(
    MatchState,
    "Whether a line of a provider agrees with the ledger.",
    NEW="Not matched yet. It has a day.",
    MATCHED="Agrees with one posting, or another line of the same object cancels it.",
    DISCREPANT="Does not agree. An admin looks at it.",
    RESOLVED="An admin has explained it.",
)
publish(
    DiscrepancyCause,
    "Why a line of a provider does not agree with the ledger.",
    NOT_POSTED="The ledger has no posting for it.",
    AMOUNT_DIFFERS="Its posting has another amount.",
    CURRENCY_DIFFERS="Its posting has another currency.",
    POSTED_ONCE="Another line agrees with its posting already.",
    BALANCE_DIFFERS="The balances at the providers differ from those in the ledger.",
)
