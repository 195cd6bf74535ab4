"""Passkeys of users, and the arguments of their mutations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import visible_passkey
from engine.ids import id_of
from engine.types import Rows, column
from models.identity import passkeys as rows
from schema.identity.enums import PasskeyPurpose

PasskeyId = Annotated[UUID, id_of("Passkey", "The id of one of the viewer's passkeys.")]
PasskeyNameArgument = Annotated[
    str,
    strawberry.argument(
        description="The new name, at most 80 characters on one line. No web address."
    ),
]
PasskeyPurposeArgument = Annotated[
    PasskeyPurpose, strawberry.argument(description="The purpose of the challenge.")
]
CREDENTIAL = "The credential of the browser as JSON: `JSON.stringify(credential.toJSON())`."


@strawberry.type(description="A passkey. Visible to its user, not to API tokens.")
class Passkey(Rows[rows.Passkey], relay.Node, access=visible_passkey):
    id: relay.NodeID[UUID]
    name: str = column("The name that the user gave it.")
    backed_up: bool = column("Whether the device synchronizes it, so that it outlives the device.")
    created_at: datetime = column("The time at which the passkey was added.")
    last_used_at: datetime | None = column("The time at which it was last used.")


@strawberry.input(description="An answer of a passkey to a challenge.")
class PasskeyProofInput:
    challenge_id: str = column("The `challengeId` that `startPasskey` returned.")
    credential: str = column(CREDENTIAL)
