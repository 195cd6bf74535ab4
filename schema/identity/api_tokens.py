"""API tokens of users."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import visible_api_token
from engine.types import Rows, column
from models.identity import api_tokens as rows
from schema.identity.enums import ApiScope


@strawberry.type(
    description="A token with which a program acts as its user, within scopes. Visible to the user"
    " and admins, without its secret. Not visible to API tokens."
)
class ApiToken(Rows[rows.ApiToken], relay.Node, access=visible_api_token):
    id: relay.NodeID[UUID]
    name: str = column("The name that the user gave it.")
    prefix: str = column("The first characters of the secret, to recognize the token by.")
    scopes: list[ApiScope] = strawberry.field(
        description="The scopes of the token.", metadata={"size": len(ApiScope)}
    )
    created_at: datetime = column("The time at which the token was created.")
    last_used_at: datetime | None = column(
        "The time of the last use, to five minutes. A token that is unused for 90 days lapses."
    )
    expires_at: datetime | None = column("The time at which the token expires.")
    revoked_at: datetime | None = column("The time at which the token was revoked.")
