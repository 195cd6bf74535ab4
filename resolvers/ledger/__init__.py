"""Root fields of the domain `ledger`."""

import strawberry

from resolvers.ledger.adjustments import AdjustmentMutation, AdjustmentQuery
from resolvers.ledger.books import BooksQuery
from resolvers.ledger.statements import StatementQuery
from resolvers.ledger.tax_payments import TaxPaymentMutation
from resolvers.ledger.wallets import WalletQuery

__all__ = ["LedgerMutation", "LedgerQuery"]


@strawberry.type
class LedgerQuery(WalletQuery, StatementQuery, BooksQuery, AdjustmentQuery):
    pass


@strawberry.type
class LedgerMutation(AdjustmentMutation, TaxPaymentMutation):
    pass
