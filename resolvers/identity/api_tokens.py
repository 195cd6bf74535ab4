"""API tokens of the viewer."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity import api_tokens as rows
from models.identity.accounts import AccountRecentlyChanged
from models.scopes import DEFAULT_SCOPES
from models.validation import parse
from schema.identity.api_tokens import ApiToken
from schema.identity.inputs import ApiTokenId, CreateApiTokenInput, CreateApiTokenPayload
from services.identity.tokens import api_tokens


@strawberry.type
class ApiTokenMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.CREATE_API_TOKEN,
        raises=(InvalidInput, rows.ApiTokenLimitReached, AccountRecentlyChanged),
        repeatable="its secret is not stored, so a repetition could not return it",
    )
    async def create_api_token(
        self, info: Info, input: CreateApiTokenInput
    ) -> CreateApiTokenPayload:
        """Create an API token, with which a program acts as the viewer. The user gets a mail. Not
        possible for 48 hours after a change of the password, the email address or the phone number.
        """
        draft = parse(
            rows.ApiTokenDraft,
            name=input.name,
            scopes=DEFAULT_SCOPES if input.scopes is None else set(input.scopes),
            expires_at=input.expires_at,
            expires_in_days=input.expires_in_days,
        )
        async with info.context.transaction() as session:
            token, secret = await api_tokens.create_api_token(session, info.context.viewer, draft)
        return CreateApiTokenPayload(api_token=ApiToken.wrap(token), secret=secret)

    @mutation(
        personal=True,
        audit=AuditAct.REVOKE_API_TOKEN,
        raises=(NotFound,),
        api_token=ApiToken,
        repeatable="sets a state",
    )
    async def revoke_api_token(self, info: Info, api_token_id: ApiTokenId) -> rows.ApiToken:
        """Revoke an API token. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            return await api_tokens.revoke_api_token(
                session, info.context.viewer, api_token_id=api_token_id
            )
