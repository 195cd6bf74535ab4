"""Tokens for programs made and revoked."""

import strawberry

from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id
from models.identity.api_tokens import ApiTokenDraft
from models.validation import parse
from schema.identity.api_tokens import (
    ApiToken,
    CreateApiTokenInput,
    CreateApiTokenPayload,
    RevokeApiTokenInput,
    RevokeApiTokenPayload,
)
from services.identity import api_tokens


@strawberry.type
class ApiTokenMutation:
    """By their user alone."""

    @mutation("Make a token for a program, which then acts as the viewer.", personal=True)
    async def create_api_token(
        self, info: Info, input: CreateApiTokenInput
    ) -> CreateApiTokenPayload:
        draft = parse(
            ApiTokenDraft, name=input.name, scopes=set(input.scopes), expires_at=input.expires_at
        )
        async with info.context.transaction() as session:
            token, secret = await api_tokens.create_api_token(session, info.context.viewer, draft)
        return CreateApiTokenPayload(api_token=ApiToken.of(token), secret=secret)

    @mutation("End a token at once, and its sockets within moments.", personal=True)
    async def revoke_api_token(
        self, info: Info, input: RevokeApiTokenInput
    ) -> RevokeApiTokenPayload:
        async with info.context.transaction() as session:
            token = await api_tokens.revoke_api_token(
                session, info.context.viewer, api_token_id=decode_id(input.api_token_id, ApiToken)
            )
        return RevokeApiTokenPayload(api_token=ApiToken.of(token))
