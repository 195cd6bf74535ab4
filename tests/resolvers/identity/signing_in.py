"""Sign-ins in two steps."""

from typing import Any, cast

from core.clock import now
from core.database import Database
from core.limits.buckets import Charge
from core.limits.rate_limits import RateLimits
from core.redis.timeouts import RedisAllowance
from core.security.relying_party import RelyingParty
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from services.identity.factors.factor_limits import FactorLimits
from services.identity.sessions.sessions import Lifetimes
from services.identity.sign_ins.sign_ins import SignIn
from services.transaction import OpenTransaction
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD

STEP = "session { accessToken refreshToken } secondFactor { challengeId methods }"
SESSION = "session { accessToken refreshToken } viewer { id }"


class Unlimited:
    """Allows everything."""

    async def charge(self, *_: object) -> Charge:
        return Charge(allowed=True, remaining=1, reset_at=now())

    async def refund(self, *_: object) -> None:
        pass


def sign_in_of(
    database: Database, keys: SigningKeys, transaction: OpenTransaction | None = None
) -> SignIn:
    """Return the parts of a sign-in below the API."""
    return SignIn(
        transaction=transaction or database.session,
        sealer=Sealer(keys),
        keys=keys,
        lifetimes=Lifetimes(access_minutes=15, refresh_days=7, session_days=90),
        party=RelyingParty("localhost", ["http://localhost"]),
        limits=FactorLimits(cast("RateLimits", Unlimited()), Settings.model_construct()),
        address="192.0.2.1",
        allowance=RedisAllowance(),
    )


async def first_step(api: Client, user: User) -> dict[str, Any]:
    """Give the right password. Returns the payload."""
    payload = await api.do("logIn", {"email": email_of(user), "password": PASSWORD}, STEP)
    assert payload["errors"] == []
    return payload


async def challenge_of(api: Client, user: User) -> str:
    """Give the right password of a user with a factor. Returns the challenge's id."""
    challenge_id: str = (await first_step(api, user))["secondFactor"]["challengeId"]
    return challenge_id


async def second_step(api: Client, challenge_id: str, **proof: str) -> dict[str, Any]:
    """Give the factor. Returns the payload."""
    return await api.do("confirmSecondFactor", {"challengeId": challenge_id, **proof}, SESSION)


def codes_of(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]
