"""Signing keys, and the three types of token that they sign.

Each type has its own `typ` header, so that one is never accepted as another. Access tokens follow
the spirit of RFC 9068: ES256, with a `kid`.
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
# Documented by joserfc, and raised by it for forged headers.
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, KeyError)


class BadSignature(Exception):
    """The token is not signed by one of our keys, or is malformed."""


class WrongType(Exception):
    """The token is signed by one of our keys, but is of another type."""


class TokenExpired(Exception):
    """The token is signed by one of our keys, but has expired."""


@dataclass(frozen=True)
class AccessClaims:
    """The claims of an access token. `expires` is in seconds since 1970."""

    user_id: UUID
    session_id: UUID
    expires: int
    admin: bool


class SigningKeys:
    """A JWK set. The first key signs, all keys verify, so that keys can be rotated.

    If a token does not verify and the file has changed, the file is read again: another process
    may have rotated the keys.
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
        """Return a set with a new signing key. Old keys stay: vouchers can be valid for years."""
        return SigningKeys(KeySet([_new_key(), *self._set.keys]))

    def save(self, path: Path) -> None:
        """Write the private keys, readable by the owner only. The file is replaced atomically."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.chmod(0o600)
        temporary.write_text(json.dumps(self._set.as_dict(private=True), indent=2))
        temporary.replace(path)

    def public(self) -> dict[str, Any]:
        return dict(self._set.as_dict(private=False))

    def sign_access(
        self, user_id: UUID, session_id: UUID, minutes: int, *, admin: bool = False
    ) -> tuple[str, int]:
        """Return a token and its expiry in seconds since 1970."""
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
            raise TokenExpired from error
        except (KeyError, ValueError) as error:
            raise BadSignature from error

    def sign_voucher(self, voucher_id: UUID, generation: int) -> str:
        """Return the content of a voucher's QR code. It has no personal data and never expires."""
        return self._sign(VOUCHER, {"v": voucher_id.hex, "g": generation})

    def read_voucher(self, token: str) -> tuple[UUID, int]:
        """Return the voucher's id and generation. Raises `BadSignature` or `WrongType`."""
        claims = self._read(VOUCHER, token)
        try:
            return UUID(hex=claims["v"]), int(claims["g"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadSignature from error

    def sign_link(self, claims: dict[str, Any], expires: int) -> str:
        """Sign what a link permits, until a time in seconds since 1970."""
        return self._sign(LINK, claims | {"exp": expires})

    def read_link(self, token: str) -> dict[str, Any]:
        """Return the claims of a link. Raises `BadSignature`, `WrongType` or `TokenExpired`."""
        claims = self._read(LINK, token)
        try:
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except JoseError as error:
            raise TokenExpired from error
        return claims

    def _sign(self, type: str, claims: dict[str, Any]) -> str:
        key = self._set.keys[0]
        header = {"alg": "ES256", "kid": key.kid, "typ": type}
        return jwt.encode(header, claims, key, algorithms=["ES256"])

    def _read(self, type: str, token: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, self._set, algorithms=["ES256"])
        except MALFORMED as error:
            if self._reload_if_changed():
                return self._read(type, token)
            raise BadSignature from error
        if decoded.header.get("typ") != type:
            raise WrongType
        return decoded.claims

    def _reload_if_changed(self) -> bool:
        """Reload the keys, and return whether the file had changed."""
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
    kid = secrets.token_urlsafe(6)  # short, because every QR code contains it
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": kid})
