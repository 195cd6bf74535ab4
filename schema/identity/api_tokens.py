"""Tokens for programs, as their user sees them."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from engine.errors import Payload
from engine.types import Rows, column
from models.identity import api_tokens as rows
from schema.identity.enums import ApiScope


@strawberry.type(description="What a program calls with as its user, within scopes.")
class ApiToken(Rows[rows.ApiToken], relay.Node):
    """The secret itself is told once, by `createApiToken`."""

    id: relay.NodeID[UUID]
    name: str = column("What its user calls it.")
    prefix: str = column("The first letters of its secret, to tell it from others.")
    scopes: list[ApiScope] = strawberry.field(
        description="What it is good for.", metadata={"size": len(ApiScope)}
    )
    created_at: datetime = column("When it was made.")
    last_used_at: datetime | None = column("When it was last used, to the minute.")
    expires_at: datetime | None = column("When it ends; null: when it is revoked.")
    revoked_at: datetime | None = column("When it was revoked; null: it was not.")


@strawberry.input(description="A new token.")
class CreateApiTokenInput:
    """What `createApiToken` takes."""

    name: str = column("What to call it, at most 80 characters.")
    scopes: list[ApiScope] = column("What it is good for; at least one.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it ends; absent: when it is revoked."
    )


@strawberry.input(description="Which token to end.")
class RevokeApiTokenInput:
    """What `revokeApiToken` takes."""

    api_token_id: relay.GlobalID = column("One of the viewer's own tokens.")


@strawberry.type(description="A new token, and its secret.")
class CreateApiTokenPayload(Payload):
    """What `createApiToken` answers."""

    api_token: ApiToken | None = strawberry.field(default=None, description="The new token.")
    secret: str | None = strawberry.field(
        default=None,
        description="Send it as `Authorization: Bearer …`. It is told now and never again.",
    )


@strawberry.type(description="The token has ended, and its sockets with it.")
class RevokeApiTokenPayload(Payload):
    """What `revokeApiToken` answers."""

    api_token: ApiToken | None = strawberry.field(default=None, description="The ended token.")
