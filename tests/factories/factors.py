"""Second factors of users, and their accounts at providers."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp

from core.clock import now
from core.security import codes
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from models.identity.accounts import User
from models.identity.factors import RecoveryCode, TotpFactor
from models.identity.passkeys import Passkey
from models.identity.providers import (
    ProviderFlow,
    ProviderIdentity,
    ProviderPurpose,
    SignInProvider,
)
from services.identity.factors.recovery_codes import hash_recovery_code
from services.identity.factors.totp import COLUMN
from services.identity.providers.provider_flows import challenge_of
from tests.factories.base import NUMBERS, RowStore
from tests.factories.emails import give_email


@dataclass(frozen=True)
class Authenticator:
    """An app for one-time codes, and the recovery codes that the user has kept."""

    row: TotpFactor
    secret: str
    recovery_codes: list[str]

    def code(self, *, steps: int = 0, at: datetime | None = None) -> str:
        """Return the code of now, or of so many steps of 30 seconds later."""
        moment = (at or now()) + timedelta(seconds=30 * steps)
        return pyotp.TOTP(self.secret).at(moment)

    def wrong_code(self) -> str:
        """Return a code of no step near now."""
        near = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(
            code
            for code in ("000000", "111111", *map(str, range(222222, 222230)))
            if code not in near
        )


class FactorRows(RowStore):
    """Creates second factors."""

    async def totp(self, user: User) -> Authenticator:
        """Turn one-time codes on, with ten recovery codes."""
        factor = TotpFactor(user_id=user.id, secret=b"", confirmed_at=now())
        secret = pyotp.random_base32()
        factor.secret = self.sealer.seal(COLUMN, factor.id, secret.encode())
        kept = [codes.new_secret_code() for _ in range(10)]
        rows = [
            RecoveryCode(user_id=user.id, code_hash=hash_recovery_code(user.id, one))
            for one in kept
        ]
        await self.save(factor, *rows)
        return Authenticator(factor, secret, kept)


def passkey_of(user: User, number: int = 0) -> Passkey:
    """Return a passkey that signs nothing."""
    return Passkey(
        user_id=user.id,
        name=f"Key {number}",
        credential_id=user.id.bytes + bytes([number]),
        public_key=b"key",
        sign_count=0,
        rp_id="localhost",
        aaguid=user.id,
        backed_up=False,
    )


def identity_of(user: User, provider: SignInProvider = SignInProvider.GOOGLE) -> ProviderIdentity:
    """Return an account at a provider, which does not exist there."""
    subject = user.id.hex
    return ProviderIdentity(
        user_id=user.id, provider=provider, issuer="https://provider.example", subject=subject
    )


@dataclass(frozen=True)
class Answer:
    """The answer of a provider, with what the client that asked for it sends."""

    row: ProviderFlow
    proof: dict[str, str]


def answer_of(sealer: Sealer, **values: Any) -> Answer:
    """Return an answer of Google, for a sign-in of a person with an address of Gmail."""
    email = values.pop("email", f"person{next(NUMBERS)}@gmail.com")
    number, code, verifier = next(NUMBERS), secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    given: dict[str, Any] = {
        "purpose": ProviderPurpose.LOG_IN,
        "provider": SignInProvider.GOOGLE,
        "redirect_url": "https://shop.example/signed-in",
        "code_challenge": challenge_of(verifier),
        "state_hash": hash_secret(code),
        "browser_hash": b"browser",
        "answered_at": now(),
        "code_hash": hash_secret(code),
        "issuer": "https://provider.example",
        "subject": f"subject-{number}",
        "email_proven": True,
        "name": "Asha",
    } | values
    flow = ProviderFlow(**given)
    if email is not None:
        give_email(sealer, flow, email)
    return Answer(flow, {"flow": code, "codeVerifier": verifier})


def answer_for(sealer: Sealer, user: User, purpose: ProviderPurpose, **values: Any) -> Answer:
    """Return an answer of Google that a signed-in user asked for."""
    return answer_of(sealer, purpose=purpose, user_id=user.id, epoch=user.epoch, **values)
