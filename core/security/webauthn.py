"""The ceremonies of passkeys (Web Authentication Level 3), as py_webauthn verifies them.

It verifies what an authenticator has signed. That a challenge is used once, whose passkey it is,
and that its counter rises, is checked by `services/identity/factors/passkeys.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.security.relying_party import RelyingParty

# Its own exceptions, and those of malformed base64 and CBOR.
MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError)


class CredentialRefused(Exception):
    """The credential is malformed, or is not what the options asked for."""


@dataclass(frozen=True)
class PasskeyUser:
    """The user, as the authenticator stores and shows them."""

    handle: bytes
    email: str
    name: str


@dataclass(frozen=True)
class RegisteredKey:
    """A new credential, verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    backed_up: bool


@dataclass(frozen=True)
class Assertion:
    """A credential's claim, not verified yet: which key it is, and whose."""

    credential_id: bytes
    user_handle: bytes | None
    json: str


@dataclass(frozen=True)
class VerifiedUse:
    """The counter of a credential that has signed the challenge."""

    sign_count: int
    backed_up: bool


def registration_options(
    party: RelyingParty, user: PasskeyUser, challenge: str, existing: Iterable[bytes]
) -> str:
    """Return the JSON for `navigator.credentials.create()`."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user.handle,
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(existing),
    )
    return options_to_json(options)


def authentication_options(party: RelyingParty, challenge: str, allowed: Iterable[bytes]) -> str:
    """Return the JSON for `navigator.credentials.get()`. Any passkey if none is `allowed`."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge.encode(),
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def verify_registration(party: RelyingParty, challenge: str, credential: str) -> RegisteredKey:
    """Return the new key. Raises `CredentialRefused`."""
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
        aaguid = UUID(verified.aaguid)
    except MALFORMED as error:
        raise CredentialRefused(str(error)) from error
    return RegisteredKey(
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
        aaguid,
        verified.credential_backed_up,
    )


def read_assertion(credential: str) -> Assertion:
    """Return what a credential claims. Raises `CredentialRefused`."""
    try:
        read = parse_authentication_credential_json(credential)
    except MALFORMED as error:
        raise CredentialRefused(str(error)) from error
    return Assertion(read.raw_id, read.response.user_handle, credential)


def verify_assertion(
    party: RelyingParty, challenge: str, assertion: Assertion, public_key: bytes
) -> VerifiedUse:
    """Verify the signature. Raises `CredentialRefused`.

    The library would compare the counter before the signature, so that anyone could report a copy:
    it gets 0, and the caller compares.
    """
    try:
        verified = verify_authentication_response(
            credential=assertion.json,
            expected_challenge=challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise CredentialRefused(str(error)) from error
    return VerifiedUse(verified.new_sign_count, verified.credential_backed_up)


def _descriptors(ids: Iterable[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in ids]
