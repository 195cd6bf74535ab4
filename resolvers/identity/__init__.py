"""Accounts, their sessions, factors and API tokens."""

import strawberry

from resolvers.identity.accounts import AccountMutation, AccountQuery
from resolvers.identity.factors import FactorMutation
from resolvers.identity.passkeys import PasskeyMutation


@strawberry.type
class IdentityQuery(AccountQuery):
    pass


@strawberry.type
class IdentityMutation(AccountMutation, FactorMutation, PasskeyMutation):
    pass
