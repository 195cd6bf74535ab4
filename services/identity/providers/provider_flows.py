"""Redirects to a provider: started by a client, opened in a browser, answered, taken once."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import BadInput
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from core.text.email_addresses import normalize_email
from gateways.sign_in.base import ProviderExchange, ProviderProfile
from models.errors import InvalidInput
from models.identity.accounts import User
from models.identity.providers import (
    AccountName,
    FlowEnded,
    ProviderFlow,
    ProviderNotServed,
    ProviderProof,
    ProviderPurpose,
    ProviderStart,
    SignInProvider,
)
from models.validation import parse
from services.cleanup_tasks import delete_old_rows
from services.identity.addresses.sealed_addresses import seal_email
from services.viewer import Viewer

START_PATH, CALLBACK_PATH = "/auth/{provider}/start", "/auth/{provider}/callback"


async def start_provider(
    session: AsyncSession,
    viewer: Viewer,
    given: ProviderStart,
    served: Collection[SignInProvider],
    redirects: Collection[str],
) -> str:
    """Add a flow. Returns its state, which is not stored.

    Raises `ProviderNotServed`, `InvalidInput` unless the redirect is one of those in the settings,
    and `NotSignedIn`, except for a sign-in.
    """
    if given.provider not in served:
        raise ProviderNotServed(field=["provider"])
    if given.redirect_url not in redirects:
        raise InvalidInput("The server does not redirect to this address.", field=["redirectUrl"])
    state = secrets.token_urlsafe(32)
    flow = ProviderFlow(
        purpose=given.purpose,
        provider=given.provider,
        redirect_url=given.redirect_url,
        code_challenge=given.code_challenge,
        state_hash=hash_secret(state),
    )
    if given.purpose is not ProviderPurpose.LOG_IN:
        user = await session.get_one(User, viewer.require_user())
        flow.user_id, flow.epoch = user.id, user.epoch
    session.add(flow)
    return state


def start_path(provider: SignInProvider, state: str) -> str:
    """Return the path that a browser opens."""
    return f"{START_PATH.format(provider=provider.lower())}?state={state}"


async def open_flow(
    session: AsyncSession, provider: SignInProvider, state: str, browser: str
) -> ProviderFlow | None:
    """Bind a flow to the browser with this cookie. Returns None if it has ended, or was opened."""
    is_closed = col(ProviderFlow.browser_hash).is_(None)
    opened = {"browser_hash": hash_secret(browser)}
    return await _proceed(session, opened, *_open(provider, state), is_closed)


async def answer_flow(
    session: AsyncSession, provider: SignInProvider, state: str, browser: str
) -> ProviderFlow | None:
    """Take the answer of the provider in the browser that opened the flow.

    One statement decides between two requests. Returns None if it has ended, was answered, or was
    opened in another browser: its user may be the victim of one who consented elsewhere.
    """
    is_same = col(ProviderFlow.browser_hash) == hash_secret(browser)
    is_unanswered = col(ProviderFlow.answered_at).is_(None)
    answered = {"answered_at": now()}
    return await _proceed(session, answered, *_open(provider, state), is_same, is_unanswered)


async def keep_profile(
    session: AsyncSession, sealer: Sealer, flow: ProviderFlow, profile: ProviderProfile
) -> str:
    """Store who the user is at the provider. Returns the client's code, which is not stored."""
    code = secrets.token_urlsafe(32)
    email = normalize_email(profile.email or "")
    found: dict[str, Any] = {
        "code_hash": hash_secret(code),
        "issuer": profile.issuer,
        "subject": profile.subject,
        "email_proven": profile.email_proven and email is not None,
        "name": _usable_name(profile.name or ""),
    }
    if email is not None:
        seal_email(sealer, flow, email)
        found |= flow.model_dump(include={"email", "email_lookup", "next_email_lookup"})
    await session.exec(update(ProviderFlow).where(col(ProviderFlow.id) == flow.id).values(found))
    return code


async def take_flow(
    session: AsyncSession, given: ProviderProof, purpose: ProviderPurpose, viewer: Viewer
) -> ProviderFlow:
    """Use up the answer of a provider, which belongs to the client that started the flow.

    Raises `FlowEnded`. One statement decides between two requests. A flow of a signed-in user is
    theirs alone, and ends with their password.
    """
    epoch = select(User.epoch).where(User.id == ProviderFlow.user_id).scalar_subquery()
    is_owned = col(ProviderFlow.user_id) == viewer.user_id, col(ProviderFlow.epoch) == epoch
    is_anonymous = (col(ProviderFlow.user_id).is_(None),)
    taken = await _proceed(
        session,
        {"used_at": now()},
        col(ProviderFlow.code_hash) == hash_secret(given.flow),
        col(ProviderFlow.code_challenge) == challenge_of(given.code_verifier),
        col(ProviderFlow.purpose) == purpose,
        col(ProviderFlow.used_at).is_(None),
        col(ProviderFlow.expires_at) > now(),
        *(is_anonymous if purpose is ProviderPurpose.LOG_IN else is_owned),
    )
    if taken is None:
        raise FlowEnded
    return taken


def exchange_of(redirect_uri: str, state: str, browser: str) -> ProviderExchange:
    """Derive the secrets of an exchange from those of the state and of the browser's cookie.

    So they need not be stored, and no other browser can know them.
    """
    verifier, nonce = (_derive(browser, f"{use}:{state}") for use in ("verifier", "nonce"))
    return ProviderExchange(redirect_uri, state, verifier, nonce)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _derive(secret: str, purpose: str) -> str:
    return _base64(hmac.digest(secret.encode(), purpose.encode(), "sha256"))


def _base64(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _usable_name(text: str) -> str | None:
    """Return the name if it is one that users can have, such as not a web address."""
    try:
        return parse(AccountName, name=text).name
    except (InvalidInput, BadInput):
        return None


def _open(provider: SignInProvider, state: str) -> list[ColumnElement[bool]]:
    return [
        col(ProviderFlow.state_hash) == hash_secret(state),
        col(ProviderFlow.provider) == provider,
        col(ProviderFlow.expires_at) > now(),
    ]


async def _proceed(
    session: AsyncSession, values: Mapping[str, object], *conditions: ColumnElement[bool]
) -> ProviderFlow | None:
    """Change the flow that meets the conditions, and return it."""
    changed = await session.exec(
        update(ProviderFlow).where(*conditions).values(values).returning(ProviderFlow)
    )
    flow: ProviderFlow | None = changed.scalars().first()
    return flow


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM provider_flow WHERE id IN (
            SELECT id FROM provider_flow flow WHERE expires_at < :before
                AND NOT EXISTS (SELECT FROM registration WHERE flow_id = flow.id)
                AND NOT EXISTS (SELECT FROM factor_challenge WHERE flow_id = flow.id)
            LIMIT :batch
        ) RETURNING id
        """,
        0,  # it holds the name and the address of a person, perhaps without an account
    )
]
