"""Root fields of the domain `payouts`."""

import strawberry

from resolvers.payouts.accounts import PayoutAccountMutation
from resolvers.payouts.admins import PayoutAdminMutation
from resolvers.payouts.debts import DebtMutation
from resolvers.payouts.files import PayoutFileMutation
from resolvers.payouts.queries import PayoutQuery
from resolvers.payouts.returns import PayoutReturnMutation

__all__ = ["PayoutMutation", "PayoutQuery"]


@strawberry.type
class PayoutMutation(
    PayoutAccountMutation,
    PayoutFileMutation,
    PayoutReturnMutation,
    DebtMutation,
    PayoutAdminMutation,
):
    pass
