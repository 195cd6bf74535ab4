"""Inputs and payloads of the mutations of second factors and passkeys."""

from typing import Annotated

import strawberry

from engine.errors.conversion import Payload
from engine.types import column
from schema.identity.passkeys import CREDENTIAL, Passkey
from schema.identity.types import Session, User

SecondStepId = Annotated[
    str,
    strawberry.argument(
        description="The `challengeId` of the `secondFactor` that `logIn` or `logInWithCode`"
        " returned."
    ),
]
TotpCodeArgument = Annotated[
    str, strawberry.argument(description="The code that the app shows: six digits.")
]


@strawberry.input(
    description="The proof of a second factor: exactly one of `totp`, `recoveryCode` and `passkey`."
)
class ConfirmSecondFactorInput:
    challenge_id: str = column("The `challengeId` of the `secondFactor` that the sign-in returned.")
    totp: str | None = strawberry.field(
        default=None, description="The code of six digits that the user's app shows."
    )
    mail_code: str | None = strawberry.field(
        default=None,
        description="The code of the mail of `requestMailCode`, in addition to `totp`, if"
        " MAIL_CODE_NEEDED was returned.",
    )
    recovery_code: str | None = strawberry.field(
        default=None, description="One of the user's recovery codes. Case and dashes do not matter."
    )
    passkey: str | None = strawberry.field(default=None, description=CREDENTIAL)


@strawberry.type(description="A sign-in with a second factor.")
class ConfirmSecondFactorPayload(Payload):
    session: Session | None = strawberry.field(default=None, description="The new session.")
    viewer: User | None = strawberry.field(default=None, description="The signed-in user.")


@strawberry.type(description="An app for one-time codes that is not confirmed yet.")
class EnableTotpPayload(Payload):
    secret: str | None = strawberry.field(
        default=None,
        description="The secret in base 32, for users who type it. It is returned only now.",
    )
    uri: str | None = strawberry.field(
        default=None, description="The same as an `otpauth:` URI. Show it as a QR code."
    )


@strawberry.input(description="A new passkey.")
class RegisterPasskeyInput:
    challenge_id: str = column("The `challengeId` that `startPasskey` returned.")
    credential: str = column(CREDENTIAL)
    name: str = column(
        "A name to recognize it by, at most 80 characters on one line. No web address."
    )


@strawberry.input(description="A sign-in with a passkey.")
class LogInWithPasskeyInput:
    challenge_id: str = column("The `challengeId` that `startPasskey` returned.")
    credential: str = column(CREDENTIAL)


@strawberry.type(description="A challenge for a passkey.")
class StartPasskeyPayload(Payload):
    challenge_id: str | None = strawberry.field(
        default=None, description="Send it back with the credential, within ten minutes."
    )
    options: str | None = strawberry.field(
        default=None,
        description="JSON for `PublicKeyCredential.parseCreationOptionsFromJSON` if the purpose is"
        " REGISTER_PASSKEY, else for `parseRequestOptionsFromJSON`.",
    )


@strawberry.type(description="An added passkey.")
class RegisterPasskeyPayload(Payload):
    passkey: Passkey | None = strawberry.field(default=None, description="The new passkey.")
    recovery_codes: list[str] | None = strawberry.field(
        default=None,
        description="Ten codes, each of which replaces the second factor once, if the passkey is"
        " the user's first second factor. They are returned only now.",
        metadata={"size": 10},
    )


@strawberry.type(description="A sign-in with a passkey.")
class LogInWithPasskeyPayload(Payload):
    session: Session | None = strawberry.field(default=None, description="The new session.")
    viewer: User | None = strawberry.field(default=None, description="The signed-in user.")
