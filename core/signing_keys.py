"""The signing keys and the three kinds of token they sign, never mistaken for each other.

Access tokens follow RFC 9068 in spirit: ES256, a `kid`, a type of their own. A
voucher's token is what its QR code says: an opaque id and a generation. A link's says
what may be done by it, and until when.
"""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

ACCESS = "at+jwt"
VOUCHER = "voucher+jwt"
LINK = "link+jwt"
ISSUER = "haat"
# What joserfc raises, and what it stumbles over in a header made to hurt.
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, KeyError)
STUMBLES = (ValueError, TypeError, KeyError, AttributeError)  # joserfc over a forged header


class BadSignature(Exception):
    """Not signed by one of our keys, or damaged."""


class WrongType(Exception):
    """Signed by us, for another purpose."""


class TokenEnded(Exception):
    """Signed by us, and past its time."""


@dataclass(frozen=True)
class AccessClaims:
    """Who calls, under which session, until when (seconds since 1970)."""

    user_id: UUID
    session_id: UUID
    expires: int
    admin: bool


class SigningKeys:
    """A JWK set: the first key signs, every key verifies, so that keys can be rotated.

    A key that another process has put into the file since is found there when a
    token names it.
    """

    def __init__(self, keys: KeySet, path: Path | None = None) -> None:
        self._set = keys
        self._path = path
        self._read_at = _changed_at(path)

    @classmethod
    def generate(cls) -> "SigningKeys":
        return cls(KeySet([_new_key()]))

    @classmethod
    def load(cls, path: Path) -> "SigningKeys":
        return cls(_read_file(path), path)

    def rotated(self) -> "SigningKeys":
        """A new signing key in front. The others stay, for vouchers may live for years."""
        return SigningKeys(KeySet([_new_key(), *self._set.keys]))

    def save(self, path: Path) -> None:
        """Write the private keys, readable by their owner alone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(".new")  # readers find the old file or the new one, never half
        whole.touch(mode=0o600)
        whole.chmod(0o600)
        whole.write_text(json.dumps(self._set.as_dict(private=True), indent=2))
        whole.replace(path)

    def public(self) -> dict[str, Any]:
        """The JWK set for `/.well-known/jwks.json`."""
        return dict(self._set.as_dict(private=False))

    def sign_access(
        self, user_id: UUID, session_id: UUID, minutes: int, *, admin: bool = False
    ) -> tuple[str, int]:
        """A token and when it ends, in seconds since 1970."""
        expires = int(time.time()) + minutes * 60
        claims = {"iss": ISSUER, "sub": str(user_id), "sid": str(session_id), "exp": expires}
        return self._sign(ACCESS, claims | ({"adm": True} if admin else {})), expires

    def read_access(self, token: str) -> AccessClaims:
        claims = self._read(ACCESS, token)
        try:
            jwt.JWTClaimsRegistry(iss={"essential": True, "value": ISSUER}).validate(claims)
            return AccessClaims(
                user_id=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                expires=claims["exp"],
                admin=claims.get("adm", False),
            )
        except JoseError as error:
            raise TokenEnded from error
        except (KeyError, ValueError) as error:
            raise BadSignature from error

    def sign_voucher(self, voucher_id: UUID, generation: int) -> str:
        """What the QR code of a voucher says: nothing personal, and it never ends by itself."""
        return self._sign(VOUCHER, {"v": voucher_id.hex, "g": generation})

    def read_voucher(self, token: str) -> tuple[UUID, int]:
        """The voucher's id and generation. `BadSignature` or `WrongType` if it is not ours."""
        claims = self._read(VOUCHER, token)
        try:
            return UUID(hex=claims["v"]), int(claims["g"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadSignature from error

    def sign_link(self, allowed: dict[str, Any], expires: int) -> str:
        """What a link may be used for, until a time in seconds since 1970."""
        return self._sign(LINK, allowed | {"exp": expires})

    def read_link(self, token: str) -> dict[str, Any]:
        """What `sign_link` was given. `BadSignature`, `WrongType` or `TokenEnded`."""
        claims = self._read(LINK, token)
        try:
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except JoseError as error:
            raise TokenEnded from error
        return claims

    def _sign(self, type: str, claims: dict[str, Any]) -> str:
        signing = self._set.keys[0]
        header = {"alg": "ES256", "kid": signing.kid, "typ": type}
        return jwt.encode(header, claims, signing, algorithms=["ES256"])

    def _read(self, type: str, token: str) -> dict[str, Any]:
        try:
            read = jwt.decode(token, self._set, algorithms=["ES256"])
        except MALFORMED as error:
            if self._reread():
                return self._read(type, token)
            raise BadSignature from error
        if read.header.get("typ") != type:
            raise WrongType
        return read.claims

    def _reread(self) -> bool:
        """Take in a file that has changed since it was read; false if it has not."""
        changed = _changed_at(self._path)
        if self._path is None or changed == self._read_at:
            return False
        self._set, self._read_at = _read_file(self._path), changed
        return True


def _read_file(path: Path) -> KeySet:
    return KeySet.import_key_set(json.loads(path.read_text()))


def _changed_at(path: Path | None) -> int:
    return path.stat().st_mtime_ns if path and path.exists() else 0


def _new_key() -> ECKey:
    kid = secrets.token_urlsafe(6)  # short, for every QR code carries it
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": kid})
