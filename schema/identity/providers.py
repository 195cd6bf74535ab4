"""Accounts at providers, and the inputs of their mutations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.identity import visible_provider_identity
from engine.ids import id_of
from engine.types import Rows, column
from models.identity import providers as rows
from schema.identity.enums import ProviderPurpose, SignInProvider

FLOW = "The `flow` parameter of the page to which the user returned."
VERIFIER = "The verifier of the `codeChallenge` that was given to `startProvider`."

ProviderIdentityId = Annotated[
    UUID, id_of("ProviderIdentity", "The id of one of the viewer's accounts at providers.")
]
Flow = Annotated[str, strawberry.argument(description=FLOW)]
CodeVerifier = Annotated[str, strawberry.argument(description=VERIFIER)]


@strawberry.type(
    description="An account at a provider, with which its user signs in. Visible to its user, not"
    " to API tokens."
)
class ProviderIdentity(Rows[rows.ProviderIdentity], relay.Node, access=visible_provider_identity):
    id: relay.NodeID[UUID]
    provider: SignInProvider = column("The provider.")
    created_at: datetime = column("The time at which it was linked.")
    last_used_at: datetime | None = column("The time at which it last signed in.")


@strawberry.input(description="The start of a redirect to a provider.")
class StartProviderInput:
    provider: SignInProvider = column("One of `signInProviders`.")
    purpose: ProviderPurpose = column("The purpose of the answer.")
    redirect_url: str = column(
        "The page or app to which the user returns: one of SIGN_IN_REDIRECTS, exactly."
    )
    code_challenge: str = column(
        "The SHA-256 of a random verifier of 43 to 128 characters, in base64url without padding"
        " (PKCE, RFC 7636). Keep the verifier in the client."
    )


@strawberry.input(description="The answer of a provider, for the client that asked for it.")
class ProviderProofInput:
    flow: str = column(FLOW)
    code_verifier: str = column(VERIFIER)


@strawberry.input(description="A sign-in with an account at a provider.")
class LogInWithProviderInput:
    flow: str = column(FLOW)
    code_verifier: str = column(VERIFIER)
    email: str | None = strawberry.field(
        default=None,
        description="The email address of a new account, if the provider gave none, or another one"
        " is wanted. Ignored if the account exists.",
    )
    name: str | None = strawberry.field(
        default=None,
        description="The display name of a new account, at most 80 characters on one line. No web"
        " address. Defaults to the name at the provider. Ignored if the account exists.",
    )
