"""The words of statements: what each entry is, for people."""

from collections.abc import Mapping

from core.errors import UserMessage
from models.ledger.account_statements import StatementKind, StatementLine
from models.ledger.accounts import AccountKind
from models.ledger.entries import PostingKind

OTHER = UserMessage("Other movement")
# A confirmation moves money to and from these accounts, and a refund moves it back.
OF_ORDERS: Mapping[AccountKind, UserMessage] = {
    AccountKind.PROMOTIONS: UserMessage("Discount paid by the platform"),
    AccountKind.COMMISSION: UserMessage("Commission"),
    AccountKind.GST_OUT: UserMessage("Tax on the commission"),
    AccountKind.TCS_DUE: UserMessage("Tax collected at source"),
    AccountKind.TDS_DUE: UserMessage("Tax deducted at source"),
}
SALE, ORDER_PAID = UserMessage("Sale"), UserMessage("Paid for an order")
WORDS: Mapping[PostingKind, UserMessage] = {
    PostingKind.HOLD: UserMessage("Held for an order"),
    PostingKind.UNHOLD: UserMessage("Given back by an order"),
    PostingKind.GRANT: UserMessage("Refund"),
    PostingKind.REFUND: UserMessage("Refund"),
    PostingKind.RELEASE: UserMessage("Released after the return window"),
    PostingKind.UNRESERVE: UserMessage("Released from the reserve"),
    PostingKind.DISPUTE: UserMessage("Frozen for a dispute"),
    PostingKind.DISPUTE_WON: UserMessage("Dispute won"),
    PostingKind.DISPUTE_LOST: UserMessage("Dispute lost"),
    PostingKind.PAYOUT: UserMessage("Payout sent"),
    PostingKind.PAYOUT_DONE: UserMessage("Payout"),
    PostingKind.PAYOUT_BACK: UserMessage("Payout came back"),
    PostingKind.PURCHASE: UserMessage("Purchase or top-up"),
    PostingKind.CAMPAIGN: UserMessage("Campaign"),
    PostingKind.PROMO_END: UserMessage("Promotional money ended"),
    PostingKind.WRITE_OFF: UserMessage("Debt written off"),
    PostingKind.REPAY: UserMessage("Debt paid back"),
    PostingKind.ADJUST: UserMessage("Adjustment"),
}
TITLES: Mapping[StatementKind, UserMessage] = {
    StatementKind.EARNINGS: UserMessage("Statement of earnings"),
    StatementKind.WALLET: UserMessage("Statement of the wallet"),
}
ACCOUNTS: Mapping[AccountKind, UserMessage] = {
    AccountKind.V_PENDING: UserMessage("Until the return window ends"),
    AccountKind.V_AVAILABLE: UserMessage("Can be paid out"),
    AccountKind.V_RESERVE: UserMessage("Reserve"),
    AccountKind.IN_TRANSIT: UserMessage("Payout on its way"),
    AccountKind.WALLET: UserMessage("Balance"),
    AccountKind.WALLET_PROMO: UserMessage("Promotional money"),
    AccountKind.WALLET_HELD: UserMessage("Held for orders"),
}


def describe(kind: StatementKind, line: StatementLine) -> UserMessage:
    """Return what an entry of a statement is."""
    if line.kind in {PostingKind.CONFIRM, PostingKind.GRANT} and line.counterpart in OF_ORDERS:
        return OF_ORDERS[line.counterpart]
    if line.kind is PostingKind.CONFIRM:
        return SALE if kind is StatementKind.EARNINGS else ORDER_PAID
    return WORDS.get(line.kind, OTHER)
