"""An authenticator of passkeys in software, which also lies if a test asks for it."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftAuthenticator:
    """Holds one passkey. Its counter rises at each use, or stays 0 as that of synchronized keys."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin = origin
        self.counts = counts
        self.sign_count = 0
        self.flags = USER_PRESENT | USER_VERIFIED
        self.credential_id = secrets.token_bytes(32)
        self.user_handle: bytes | None = None
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str) -> str:
        """Answer `navigator.credentials.create()` with JSON."""
        wanted = json.loads(options)
        self.user_handle = decode(wanted["user"]["id"])
        public = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id
        data = self._data(wanted["rp"]["id"], ATTESTED) + attested + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", wanted["challenge"])
        return self._credential(
            {"clientDataJSON": encode(client_data), "attestationObject": encode(attestation)}
        )

    def get(self, options: str) -> str:
        """Answer `navigator.credentials.get()` with JSON."""
        wanted = json.loads(options)
        data = self._data(wanted["rpId"], 0)
        client_data = self._client_data("webauthn.get", wanted["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
        }
        if self.user_handle is not None:
            response["userHandle"] = encode(self.user_handle)
        return self._credential(response)

    def _data(self, rp_id: str, more_flags: int) -> bytes:
        self.sign_count += self.counts
        flags = (self.flags | more_flags).to_bytes(1)
        return hashlib.sha256(rp_id.encode()).digest() + flags + self.sign_count.to_bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, response: dict[str, Any]) -> str:
        id = encode(self.credential_id)
        return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": response})
