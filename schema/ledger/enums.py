"""Enums of the domain `ledger` in the GraphQL schema."""

from enum import StrEnum

from engine.enums import publish
from models.ledger.accounts import AccountKind
from models.ledger.adjustments import AdjustmentState
from models.ledger.entries import PostingKind
from models.ledger.sweeps import LedgerRule
from models.ledger.tax_payments import PayableTax
from services.ledger.revenue import RevenueStep

__all__ = [
    "AccountKind",
    "AdjustmentState",
    "LedgerRule",
    "PayableTax",
    "PostingKind",
    "RevenueStep",
    "WalletPart",
]


class WalletPart(StrEnum):
    """A part of a wallet: an account of the ledger."""

    BALANCE = "BALANCE"
    PROMO = "PROMO"
    HELD = "HELD"


PARTS = {
    AccountKind.WALLET: WalletPart.BALANCE,
    AccountKind.WALLET_PROMO: WalletPart.PROMO,
    AccountKind.WALLET_HELD: WalletPart.HELD,
}

publish(
    WalletPart,
    "A part of a wallet.",
    BALANCE="Money that can be spent.",
    PROMO="Promotional money, which is spent first.",
    HELD="Money that orders hold until they are confirmed or end.",
)

publish(
    PostingKind,
    "The reason for which money moved in the ledger.",
    PAY="A payment was received.",
    HOLD="An order holds money of the wallet.",
    UNHOLD="An order that ended gave back what it had held.",
    CONFIRM="An order was confirmed: the money went to the vendors.",
    RELEASE="The return window of a sub-order ended: the vendor can be paid out.",
    GRANT="A refund was granted.",
    REFUND="A refund was paid.",
    REFUND_FAILED="A refund that was paid came back from the bank.",
    RETURN="A payment that confirms nothing goes back.",
    FEE="The payment provider's fee.",
    UNRESERVE="The time of a vendor's reserve ended.",
    DISPUTE="The shares of a payment that a buyer's bank took back were frozen.",
    DISPUTE_MONEY="Money of a dispute left or came back, once for each line of the provider.",
    DISPUTE_FEE="The payment provider's fee for a dispute, or what came back of it.",
    DISPUTE_WON="A dispute was won, also after it was lost: the shares are back.",
    DISPUTE_LOST="A dispute was lost.",
    PAYOUT="A vendor is being paid out.",
    PAYOUT_DONE="A payout has arrived.",
    PAYOUT_BACK="A payout failed or came back.",
    PURCHASE="A pack was bought, or a wallet topped up.",
    PACK_USE="Units of a pack were used.",
    PACK_END="Units of a pack ended.",
    CAMPAIGN="A campaign was billed.",
    CAMPAIGN_HOLD="A campaign holds money of the wallet.",
    CAMPAIGN_RELEASE="A campaign that ended gave back what it had held.",
    PROMO_END="Promotional money ended.",
    WRITE_OFF="A vendor's debt was written off.",
    REPAY="A vendor paid a debt back.",
    SWEEP="The payment provider paid the platform out.",
    TAX="The platform paid a tax.",
    ADJUST="Admins adjusted the wallet.",
)

publish(
    AccountKind,
    "A kind of account of the ledger. Those of wallets and vendors exist once for each owner.",
    WALLET="Money in a wallet that can be spent.",
    WALLET_PROMO="Promotional money in a wallet.",
    WALLET_HELD="Money of a wallet that orders hold.",
    V_PENDING="Money of a vendor until the return window ends.",
    V_AVAILABLE="Money of a vendor that can be paid out.",
    V_RESERVE="Money of a vendor that is kept back for refunds.",
    IN_TRANSIT="Money of a vendor that is being paid out.",
    UNCLAIMED="Payments of orders that are not confirmed.",
    REFUND_DUE="Refunds that are granted and not paid.",
    COMMISSION="Commission of the platform.",
    GST_OUT="GST on the platform's commission, which is owed to the state.",
    TCS_DUE="Tax collected at source.",
    TDS_DUE="Tax deducted at source.",
    PACK_DEFERRED="Packs that are paid and not used.",
    PACK_SALES="Packs that were used or have ended.",
    CAMPAIGN_SALES="Campaigns that were billed.",
    PROMOTIONS="Discounts and promotional money that the platform pays for.",
    PROVIDER="Money at the providers of payments.",
    PROVIDER_FEES="Fees of the providers of payments.",
    BANK="Money at the bank.",
    DISPUTED="Payments that are disputed.",
    DISPUTE_FEES="Fees of disputes.",
    LOSSES="Losses of the platform, such as goodwill.",
)

publish(
    AdjustmentState,
    "The state of an adjustment.",
    PENDING="Waits for another admin.",
    APPROVED="The money was moved.",
    REJECTED="Rejected, or withdrawn by the admin who proposed it.",
)

publish(
    PayableTax,
    "A tax that the platform owes to an authority: the kind of its account.",
    GST_OUT="GST on what the platform sells, such as its commission.",
    TCS_DUE="Tax collected at source.",
    TDS_DUE="Tax deducted at source.",
)

publish(RevenueStep, "The length of the steps of a report.", DAY="A day.", MONTH="A month.")

publish(
    LedgerRule,
    "A rule that a sweep of the ledger checks.",
    GUARDED_BALANCE="The stored balance of a wallet is the sum of its entries.",
    SNAPSHOT="A snapshot is the sum of the entries before it.",
    ZERO_SUM="All balances of a currency sum to zero.",
    EXPLAINED="A balance is the sum of what is open: sub-orders, payments or refunds.",
    UNCLAIMED="A payment is not left without an order or a refund.",
    HELD="An order has taken or given back exactly what it has held of a wallet.",
    OWNER="A wallet is of a user or a vendor.",
    ADJUSTMENT="An adjustment was posted if it was approved.",
    PARCELS="The units of a line that were shipped are those in its parcels.",
)
