"""The types of token that the server signs, each with keys of its own.

Each type also has its own `typ` header, so that one is never accepted as another. Access tokens
follow the spirit of RFC 9068: ES256, with a `kid` and an audience.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError

from core.security.file_secrets import FileSecrets
from core.security.key_file import KeyFile, KeyFileInvalid, KeySets, Purpose
from core.security.verified_tokens import VerifiedToken, VerifiedTokens

ACCESS = "at+jwt"
VOUCHER = "voucher+jwt"
LINK = "link+jwt"
TICKET = "ticket+jwt"
BUNDLE = "scanner-bundle+jwt"  # signed with the keys of tickets
VOUCHER_BUNDLE = "voucher-bundle+jwt"  # signed with the keys of vouchers
ADMISSION = "admission+jwt"
TYPES = {
    Purpose.ACCESS: ACCESS,
    Purpose.LINK: LINK,
    Purpose.VOUCHER: VOUCHER,
    Purpose.TICKET: TICKET,
    Purpose.ADMISSION: ADMISSION,
}
ISSUER = "haat"
AUDIENCE = "haat-api"
LEEWAY_SECONDS = 30  # of clocks that differ between servers
RELOAD_SECONDS = 30.0
MAX_VOUCHERS, VOUCHER_SECONDS = 1_000, 60  # of codes whose signature was verified
# Documented by joserfc, and raised by it for forged headers.
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, KeyError)

log = structlog.get_logger(__name__)


class BadSignature(Exception):
    """The token is not signed by one of our keys for its type, or is malformed."""


class WrongType(Exception):
    """The token is signed by one of our keys, but is of another type."""


class TokenExpired(Exception):
    """The token is signed by one of our keys, but has expired."""


@dataclass(frozen=True)
class AccessClaims:
    """The claims of an access token. `expires` is in seconds since 1970.

    `admin` is whether the user was an admin when the token was issued. It is checked again.
    `rotation` is the number of refreshes of the session at that time. `enrols` is whether the token
    only allows to set up a second factor. `impersonator_id` is the admin who uses the token.
    """

    user_id: UUID
    session_id: UUID
    expires: int
    admin: bool
    rotation: int = 0
    enrols: bool = False
    impersonator_id: UUID | None = None


@dataclass(frozen=True)
class TicketClaims:
    """The content of a ticket's QR code. Another generation of the ticket is refused."""

    ticket_id: UUID
    event_date_id: UUID
    generation: int


class SigningKeys:
    """The key sets of a process. In each, one key signs and all verify.

    The file is looked at every 30 seconds, and when a token does not verify: another process may
    have rotated or retired keys. If it is gone or damaged, the keys in memory stay in use.
    """

    def __init__(self, sets: KeySets, file: KeyFile | None = None) -> None:
        self._sets = sets
        self._file = file
        self._looked_at = time.monotonic()
        self._verified: VerifiedTokens[AccessClaims] = VerifiedTokens()
        self._vouchers: VerifiedTokens[tuple[UUID, int]] = VerifiedTokens(MAX_VOUCHERS)

    @classmethod
    def generate(cls) -> "SigningKeys":
        return cls(KeySets.generate())

    @classmethod
    def load(cls, path: Path, secrets: FileSecrets) -> "SigningKeys":
        """Read the keys. Raises `KeyFileInvalid`, and `OSError` if there is no file."""
        file = KeyFile(path, secrets)
        return cls(file.read(), file)

    @property
    def sets(self) -> KeySets:
        self._look_at_file()
        return self._sets

    def save(self, path: Path, secrets: FileSecrets) -> None:
        KeyFile(path, secrets).write(self._sets)

    def public(self) -> dict[str, Any]:
        """Return the JWK set of all public keys."""
        return self.sets.public()

    def public_of(self, purpose: Purpose) -> list[dict[str, Any]]:
        """Return the public JWKs whose tokens of a purpose are accepted."""
        keys = self.sets.by_purpose[purpose]
        return [one.key.as_dict(private=False) for one in keys]

    def sign_access(
        self,
        user_id: UUID,
        session_id: UUID,
        minutes: float,
        *,
        admin: bool = False,
        rotation: int = 0,
        enrols: bool = False,
        impersonator_id: UUID | None = None,
    ) -> tuple[str, int]:
        """Return a token and its expiry in seconds since 1970.

        The impersonator is the claim `act` of RFC 8693, 4.1.
        """
        issued = _now()
        expires = issued + int(minutes * 60)
        claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": issued, "exp": expires}
        claims |= {"sub": str(user_id), "sid": str(session_id)}
        claims |= ({"adm": True} if admin else {}) | ({"rot": rotation} if rotation else {})
        claims |= {"enr": True} if enrols else {}
        claims |= {"act": {"sub": str(impersonator_id)}} if impersonator_id else {}
        return self._sign(Purpose.ACCESS, claims), expires

    def read_access(self, token: str) -> AccessClaims:
        """Return the claims. Raises `BadSignature`, `WrongType` or `TokenExpired`.

        A token of another issuer or audience, or issued in the future, is a bad signature. The
        claims of verified tokens are kept until they expire: the signature alone takes 0.1 ms.
        Whether the session has ended is checked by the caller, for each request.
        """
        sets = self.sets  # looks at the file
        known = self._verified.find(token)
        if known is not None and sets.verifies(Purpose.ACCESS, known.kid):
            return known.claims
        return self._verify_access(token)

    def _verify_access(self, token: str) -> AccessClaims:
        decoded = self._read(Purpose.ACCESS, token)
        claims = decoded.claims
        registry = jwt.JWTClaimsRegistry(
            now=_now,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            iat={"essential": True},
            exp={"essential": True},
        )
        _validate(registry, claims)
        try:
            found = AccessClaims(
                user_id=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                expires=claims["exp"],
                admin=claims.get("adm") is True,
                rotation=int(claims.get("rot", 0)),
                enrols=claims.get("enr") is True,
                impersonator_id=UUID(claims["act"]["sub"]) if "act" in claims else None,
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadSignature from error
        self._verified.add(token, VerifiedToken(decoded.header["kid"], found.expires, found))
        return found

    def sign_voucher(self, voucher_id: UUID, generation: int, offer_id: UUID | None = None) -> str:
        """Return the content of a voucher's QR code. It has no personal data and never expires.

        Scanners without a network know by the offer whether a voucher is of their vendor.
        """
        claims: dict[str, Any] = {"v": voucher_id.hex, "g": generation}
        if offer_id is not None:
            claims["o"] = _short(offer_id)
        return self._sign(Purpose.VOUCHER, claims)

    def read_voucher(self, token: str) -> tuple[UUID, int]:
        """Return the voucher's id and generation. Raises `BadSignature` or `WrongType`.

        Verified codes are kept for a minute: one that is redeemed is read before its assessment
        and after it.
        """
        sets = self.sets  # looks at the file
        known = self._vouchers.find(token)
        if known is not None and sets.verifies(Purpose.VOUCHER, known.kid):
            return known.claims
        decoded = self._read(Purpose.VOUCHER, token)
        try:
            found = UUID(hex=decoded.claims["v"]), int(decoded.claims["g"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadSignature from error
        kept_until = _now() + VOUCHER_SECONDS
        self._vouchers.add(token, VerifiedToken(decoded.header["kid"], kept_until, found))
        return found

    def sign_ticket(self, ticket_id: UUID, event_date_id: UUID, generation: int) -> str:
        """Return the content of a ticket's QR code. It has no personal data and never expires."""
        claims = {"t": _short(ticket_id), "d": _short(event_date_id), "g": generation}
        return self._sign(Purpose.TICKET, claims)

    def read_ticket(self, token: str) -> TicketClaims:
        """Return the claims. Raises `BadSignature` or `WrongType`."""
        claims = self._read(Purpose.TICKET, token).claims
        try:
            return TicketClaims(_long(claims["t"]), _long(claims["d"]), int(claims["g"]))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadSignature from error

    def sign_bundle(self, claims: dict[str, Any]) -> str:
        """Sign what a scanner needs without a network, with the key of tickets."""
        return self._sign(Purpose.TICKET, claims, BUNDLE)

    def sign_voucher_bundle(self, claims: dict[str, Any]) -> str:
        """Sign what a scanner needs for vouchers without a network, with their key."""
        return self._sign(Purpose.VOUCHER, claims, VOUCHER_BUNDLE)

    def sign_link(self, claims: dict[str, Any], expires: int) -> str:
        """Sign what a link permits, until a time in seconds since 1970."""
        return self._sign(Purpose.LINK, claims | {"exp": expires})

    def read_link(self, token: str) -> dict[str, Any]:
        """Return the claims of a link. Raises `BadSignature`, `WrongType` or `TokenExpired`."""
        claims = self._read(Purpose.LINK, token).claims
        _validate(jwt.JWTClaimsRegistry(now=_now, exp={"essential": True}), claims)
        return claims

    def sign_admission(self, user_id: UUID, event_id: UUID, expires: int) -> str:
        """Sign that a user may hold tickets, until a time in seconds since 1970."""
        claims = {"sub": user_id.hex, "evt": event_id.hex, "exp": expires}
        return self._sign(Purpose.ADMISSION, claims)

    def read_admission(self, token: str) -> tuple[UUID, UUID]:
        """Return the ids of the user and of what is sold.

        Raises `BadSignature`, `WrongType` or `TokenExpired`.
        """
        claims = self._read(Purpose.ADMISSION, token).claims
        _validate(jwt.JWTClaimsRegistry(now=_now, exp={"essential": True}), claims)
        try:
            return UUID(hex=claims["sub"]), UUID(hex=claims["evt"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise BadSignature from error

    def _sign(self, purpose: Purpose, claims: dict[str, Any], typ: str | None = None) -> str:
        key = self.sets.signing_key(purpose)
        header = {"alg": "ES256", "kid": key.kid, "typ": typ or TYPES[purpose]}
        return jwt.encode(header, claims, key, algorithms=["ES256"])

    def _read(self, purpose: Purpose, token: str) -> jwt.Token:
        """Return a token that a key of this purpose signed."""
        while True:
            sets = self.sets
            try:
                decoded = jwt.decode(token, sets.all_keys, algorithms=["ES256"])
            except MALFORMED as error:
                if self.reload_if_changed():
                    continue
                raise BadSignature from error
            if decoded.header.get("typ") != TYPES[purpose]:
                raise WrongType
            if not sets.verifies(purpose, decoded.header.get("kid")):
                raise BadSignature
            return decoded

    def _look_at_file(self) -> None:
        if time.monotonic() - self._looked_at >= RELOAD_SECONDS:
            self.reload_if_changed()

    def reload_if_changed(self) -> bool:
        """Reload the keys, and return whether there are others now."""
        self._looked_at = time.monotonic()
        if self._file is None or not self._file.has_changed():
            return False
        try:
            self._sets = self._file.read()
            self._verified.clear()
            self._vouchers.clear()
        except (OSError, KeyFileInvalid) as error:
            log.error("keys.unreadable", path=str(self._file.path), error=str(error))
            return False
        log.info("keys.reloaded", path=str(self._file.path))
        return True


def _short(id: UUID) -> str:
    """Return an id in 22 characters: each less makes the modules of a code larger."""
    return urlsafe_b64encode(id.bytes).rstrip(b"=").decode()


def _long(short: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(f"{short}=="))


def _now() -> int:
    return int(time.time())


def _validate(registry: jwt.JWTClaimsRegistry, claims: dict[str, Any]) -> None:
    """Raise `TokenExpired` for an expired token, `BadSignature` for other claims than ours."""
    try:
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise TokenExpired from error
    except JoseError as error:
        raise BadSignature from error
