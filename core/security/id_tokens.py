"""ID tokens of OpenID providers (OpenID Connect Core, 3.1.3.7)."""

import hmac
import re
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

# Ours, and not those that a provider lists: one that lists `none` would have none verified.
ALGORITHMS = ["RS256", "ES256"]
LEEWAY_SECONDS = 60  # of clocks that differ between machines
SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, KeyError, RecursionError)


class IdTokenInvalid(Exception):
    """The token is forged, expired, malformed, or for another client or request."""


def read_id_token(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of a token.

    Raises `IdTokenInvalid`, and joserfc's `InvalidKeyIdError` if it names none of the keys: they
    may have been replaced.
    """
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        _registry(issuer, client_id).validate(claims)
        is_ours = hmac.compare_digest(claims["nonce"].encode(), nonce.encode())
    except InvalidKeyIdError:
        raise
    except MALFORMED as error:
        raise IdTokenInvalid(type(error).__name__) from error
    if not is_ours:
        raise IdTokenInvalid("it is for another request")
    if claims["aud"] not in (client_id, [client_id]):
        raise IdTokenInvalid("it is for others too")
    if not SUBJECT.fullmatch(claims["sub"]):
        raise IdTokenInvalid("its subject is malformed")
    return claims


def _registry(issuer: str, client_id: str) -> jwt.JWTClaimsRegistry:
    """Return what a token must have. Google documents its issuer with and without a scheme."""
    issuers = [issuer, issuer.removeprefix("https://")]
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "values": issuers},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
        nonce={"essential": True},
    )
