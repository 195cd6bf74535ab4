"""Root fields of the domain `payouts`."""

import strawberry

from resolvers.payouts.accounts import PayoutAccountMutation
from resolvers.payouts.admins import PayoutAdminMutation
from resolvers.payouts.files import PayoutFileMutation
from resolvers.payouts.queries import PayoutQuery

__all__ = ["PayoutMutation", "PayoutQuery"]


@strawberry.type
class PayoutMutation(PayoutAccountMutation, PayoutFileMutation, PayoutAdminMutation):
    pass
