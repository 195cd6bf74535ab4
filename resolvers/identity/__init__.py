"""Accounts: their sessions, providers, factors, passwords, profiles and API tokens."""

import strawberry

from resolvers.identity.accounts import AccountMutation, AccountQuery
from resolvers.identity.api_tokens import ApiTokenMutation
from resolvers.identity.factors import FactorMutation
from resolvers.identity.passkeys import PasskeyMutation
from resolvers.identity.passwords import PasswordMutation
from resolvers.identity.phones import PhoneMutation
from resolvers.identity.profiles import ProfileMutation
from resolvers.identity.providers import ProviderMutation, ProviderQuery
from resolvers.identity.registrations import RegistrationMutation
from resolvers.identity.sessions import SessionMutation


@strawberry.type
class IdentityQuery(AccountQuery, ProviderQuery):
    pass


@strawberry.type
class IdentityMutation(
    RegistrationMutation,
    AccountMutation,
    ApiTokenMutation,
    SessionMutation,
    PasswordMutation,
    ProfileMutation,
    PhoneMutation,
    FactorMutation,
    PasskeyMutation,
    ProviderMutation,
):
    pass
