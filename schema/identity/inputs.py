"""Inputs and payloads of identity mutations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from engine.errors.conversion import Payload
from engine.ids import id_of, optional_id_of
from engine.types import column
from schema.identity.api_tokens import ApiToken
from schema.identity.enums import ApiScope
from schema.identity.passkeys import PasskeyProofInput
from schema.identity.providers import ProviderProofInput
from schema.identity.types import SecondFactor, Session, User

RefreshToken = Annotated[
    str, strawberry.argument(description="The session's newest refresh token.")
]
OptionalRefreshToken = Annotated[
    str | None,
    strawberry.argument(
        description="A refresh token of the session to end. Defaults to the caller's session."
    ),
]
OwnPassword = Annotated[
    str | None,
    strawberry.argument(
        description="The viewer's password. It does not suffice for users with a second factor."
    ),
]
OwnTotp = Annotated[
    str | None, strawberry.argument(description="The code that the viewer's app shows.")
]
OwnPasskey = Annotated[
    PasskeyProofInput | None,
    strawberry.argument(description="The answer of one of the viewer's passkeys."),
]
OwnProvider = Annotated[
    ProviderProofInput | None,
    strawberry.argument(
        description="The answer of a provider whose account the viewer has linked. It does not"
        " suffice for users with a second factor."
    ),
]
RegistrationSecret = Annotated[
    str, strawberry.argument(description="The `registrationSecret` that `register` returned.")
]
LinkToken = Annotated[str, strawberry.argument(description="The part of the link after `#`.")]
AccountAddress = Annotated[str, strawberry.argument(description="The account's email address.")]
RevokeApiTokens = Annotated[
    bool, strawberry.argument(description="Whether to revoke the viewer's API tokens too.")
]
ActingVendorId = Annotated[
    UUID | None, optional_id_of("Vendor", "A vendor of which the viewer is a member.")
]
ActingAdmin = Annotated[
    bool, strawberry.argument(description="Whether to act as an admin. Only admins can.")
]
SessionId = Annotated[UUID, id_of("UserSession", "The id of one of the viewer's sessions.")]
ApiTokenId = Annotated[UUID, id_of("ApiToken", "The id of one of the viewer's API tokens.")]


@strawberry.input(description="A new account.")
class RegisterInput:
    email: str = column(
        "The email address for signing in, at most 254 characters. Upper and lower case are the"
        " same."
    )
    password: str = column("The password, 8 to 128 characters. Not one that is easy to guess.")
    name: str = column("The display name, at most 80 characters on one line. No web address.")


@strawberry.input(
    description="Proof of an email address: `token`, or `registrationSecret` and `code`."
)
class VerifyEmailInput:
    token: str | None = strawberry.field(
        default=None, description="The part of the mail's link after `#`."
    )
    registration_secret: str | None = strawberry.field(
        default=None,
        description="The `registrationSecret` that `register` returned. With a token and without"
        " this, `password` is required.",
    )
    code: str | None = strawberry.field(
        default=None, description="The code of six digits in the mail."
    )
    password: str | None = strawberry.field(
        default=None, description="A new password, which replaces the one of `register`."
    )


@strawberry.input(description="The acceptance of an invitation to become an admin.")
class AcceptAdminInvitationInput:
    token: str = column("The part of the link after `#`.")
    password: str = column(
        "The password of the account, or of the new one: 8 to 128 characters, not one that is easy"
        " to guess."
    )
    name: str | None = strawberry.field(
        default=None,
        description="The display name of a new account, at most 80 characters on one line. No web"
        " address. Ignored if the account exists.",
    )
    factor_code: str | None = strawberry.field(
        default=None,
        description="A code of the app, or a recovery code, for an account with a second factor.",
    )


@strawberry.input(description="An account's email address and password.")
class LogInInput:
    email: str = column("The account's email address.")
    password: str = column("The account's password.")


@strawberry.input(description="A new password, and the proof that the account is the caller's.")
class ResetPasswordInput:
    token: str = column("The part of the mail's link after `#`.")
    password: str = column("The new password, 8 to 128 characters. Not one that is easy to guess.")


@strawberry.input(description="A new password, and the current one.")
class ChangePasswordInput:
    current: str = column("The current password.")
    password: str = column("The new password, 8 to 128 characters. Not one that is easy to guess.")
    revoke_api_tokens: bool = strawberry.field(
        default=True, description="Whether to revoke the viewer's API tokens too."
    )


@strawberry.input(description="A new API token.")
class CreateApiTokenInput:
    name: str = column("A name for the token, at most 80 characters on one line. No web address.")
    scopes: list[ApiScope] | None = strawberry.field(
        default=None,
        description="The scopes of the token, at least one. Defaults to reading what is public:"
        " CATEGORIES_READ, OFFERS_READ and VENDORS_READ.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description="The time at which the token expires, within 365 days. Instead of"
        " `expiresInDays`.",
    )
    expires_in_days: int | None = strawberry.field(
        default=None,
        description="The days after which the token expires, 1 to 365. Defaults to 90.",
    )


@strawberry.type(description="A registration whose email address is not verified yet.")
class RegisterPayload(Payload):
    registration_secret: str | None = strawberry.field(
        default=None,
        description="Send it to `verifyEmail` with the code of the mail, within 24 hours. Keep it"
        " in the client that registered.",
    )
    session: Session | None = strawberry.field(
        default=None, description="Always null: `verifyEmail` returns the session."
    )
    viewer: User | None = strawberry.field(
        default=None, description="Always null: `verifyEmail` returns the user."
    )


@strawberry.type(description="A new account, signed in, or a changed email address.")
class VerifyEmailPayload(Payload):
    session: Session | None = strawberry.field(
        default=None, description="The new session. Null if an address was changed."
    )
    viewer: User | None = strawberry.field(
        default=None,
        description="The new user, or the viewer if an address of theirs was changed. Null if it"
        " was changed on another device.",
    )


@strawberry.type(description="A new session, or the second step of the sign-in.")
class LogInPayload(Payload):
    session: Session | None = strawberry.field(
        default=None, description="The new session. Null if `secondFactor` is not."
    )
    viewer: User | None = strawberry.field(
        default=None, description="The signed-in user. Null if `secondFactor` is not."
    )
    second_factor: SecondFactor | None = strawberry.field(
        default=None,
        description="The second step, for users with a second factor: call `confirmSecondFactor`.",
    )


@strawberry.type(description="A redirect to a provider.")
class StartProviderPayload(Payload):
    url: str | None = strawberry.field(
        default=None,
        description="Open it in the browser, as a page of its own. It can be opened once, within"
        " ten minutes.",
    )


@strawberry.type(description="A new session, or the next step of a sign-in with a provider.")
class LogInWithProviderPayload(LogInPayload):
    registration_secret: str | None = strawberry.field(
        default=None,
        description="A code was mailed to the address: send it to `verifyEmail` with this, within"
        " 24 hours. If the address has an account, the mail states so.",
    )


@strawberry.type(description="A new API token with its secret.")
class CreateApiTokenPayload(Payload):
    api_token: ApiToken | None = strawberry.field(default=None, description="The new token.")
    secret: str | None = strawberry.field(
        default=None,
        description="Send it as `Authorization: Bearer …`. It is returned only once.",
    )
