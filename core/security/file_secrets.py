"""The encryption of the key file with a secret of the settings."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM = "HKDF-SHA256 AES-256-GCM"
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12


class SecretRefused(Exception):
    """The file is encrypted, and no secret of the settings decrypts it."""


@dataclass(frozen=True)
class FileSecrets:
    """KEYS_SECRET and KEYS_SECRET_OLD, which may be empty. The first encrypts, both decrypt.

    A file without encryption is read too: earlier releases wrote it. The secrets are random and
    long, so a slow hash would add nothing: HKDF makes a key of its own for each file.
    """

    current: str = field(default="", repr=False)
    old: str = field(default="", repr=False)

    def encrypt(self, keys: Mapping[str, Any]) -> dict[str, Any]:
        """Return the content of the file: encrypted, if there is a secret."""
        if not self.current:
            return dict(keys)
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        text = json.dumps(keys).encode()
        encrypted = _cipher(self.current, salt).encrypt(nonce, text, ALGORITHM.encode())
        parts = {"salt": salt, "nonce": nonce, "encrypted": encrypted}
        encoded = {name: urlsafe_b64encode(part).decode() for name, part in parts.items()}
        return {"algorithm": ALGORITHM} | encoded

    def decrypt(self, stored: Any) -> Any:
        """Return the keys of a file. Raises `SecretRefused`, and `ValueError` if it is damaged."""
        if not _is_encrypted(stored):
            return stored
        if not self.current:
            raise SecretRefused(
                "KEYS_SECRET is not set, and KEYS_FILE is encrypted. Set it to the secret with"
                " which the file was encrypted."
            )
        for secret in (self.current, self.old):
            if secret and (text := _decrypt(secret, stored)) is not None:
                return json.loads(text)
        raise SecretRefused(
            "KEYS_SECRET is wrong: KEYS_FILE is encrypted with another secret, or was changed. Set"
            " KEYS_SECRET, or KEYS_SECRET_OLD, to the secret with which it was encrypted."
        )

    def protect(self, stored: Any) -> bool:
        """Return whether a file is encrypted with the current secret."""
        is_encrypted = bool(self.current) and _is_encrypted(stored)
        return is_encrypted and _decrypt(self.current, stored) is not None


def _is_encrypted(stored: Any) -> bool:
    return isinstance(stored, dict) and "encrypted" in stored


def _decrypt(secret: str, stored: Mapping[str, Any]) -> bytes | None:
    """Return the text, None if the secret is another one. Raises `ValueError`."""
    try:
        salt, nonce, encrypted = (
            urlsafe_b64decode(stored[name]) for name in ("salt", "nonce", "encrypted")
        )
        return _cipher(secret, salt).decrypt(nonce, encrypted, ALGORITHM.encode())
    except InvalidTag:
        return None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"The encrypted keys are damaged: {error!r}") from error


def _cipher(secret: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"haat keys").derive(secret.encode()))
