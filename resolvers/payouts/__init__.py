"""Root fields of the domain `payouts`."""

import strawberry

from resolvers.payouts.accounts import PayoutAccountMutation
from resolvers.payouts.admins import PayoutAdminMutation
from resolvers.payouts.debts import DebtMutation, DebtQuery
from resolvers.payouts.files import PayoutFileMutation
from resolvers.payouts.queries import ReadingQuery
from resolvers.payouts.returns import PayoutReturnMutation

__all__ = ["PayoutMutation", "PayoutQuery"]


@strawberry.type
class PayoutQuery(ReadingQuery, DebtQuery):
    pass


@strawberry.type
class PayoutMutation(
    PayoutAccountMutation,
    PayoutFileMutation,
    PayoutReturnMutation,
    DebtMutation,
    PayoutAdminMutation,
):
    pass
