"""Inputs and payloads of codes by phone."""

from typing import Annotated

import strawberry

from engine.errors.conversion import Payload
from engine.types import column

PhoneArgument = Annotated[
    str,
    strawberry.argument(
        description="A mobile phone number with its country code, such as +91 98200 12345."
    ),
]


@strawberry.input(description="A code by phone, and the request that it was sent for.")
class LogInWithCodeInput:
    challenge_id: str = column("The `challengeId` that `requestLoginCode` returned.")
    code: str = column("The code in the message: six digits, or eight while others guess codes.")


@strawberry.input(description="A code by phone, and the request that it was sent for.")
class ConfirmPhoneInput:
    challenge_id: str = column("The `challengeId` that `changePhone` returned.")
    code: str = column("The code in the message: six digits, or eight while others guess codes.")


@strawberry.type(description="A request for a code by phone.")
class PhoneCodePayload(Payload):
    challenge_id: str | None = strawberry.field(
        default=None,
        description="Send it with the code, within 10 minutes. Keep it in the client that asked.",
    )
    resend_after: int | None = strawberry.field(
        default=None, description="The seconds after which another code can be asked for."
    )
