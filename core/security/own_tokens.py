"""Tokens with the header that this server writes, signed and verified with ES256.

The general reading of headers by joserfc takes as long as the signature itself. Here a header is
compared, not read: it names the algorithm, the type and the key. Tokens with any other header are
left to joserfc.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
ES256 = ECDSA(SHA256())
NUMBER_BYTES = 32  # a signature is two numbers (RFC 7518, 3.4)
TO_URL, FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")


class OwnTokens:
    """The tokens of one type that one key signs."""

    def __init__(self, key: ECKey, type_: str) -> None:
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": type_}
        example = jwt.encode(header, {}, key, algorithms=[ALGORITHM])
        self._head = f"{example.partition('.')[0]}."
        self._key = key

    def sign(self, claims: Mapping[str, Any]) -> str:
        signed = self._head.encode() + _encode(orjson.dumps(claims))
        private: Any = self._key.private_key
        numbers = decode_dss_signature(private.sign(signed, ES256))
        signature = b"".join(one.to_bytes(NUMBER_BYTES) for one in numbers)
        return (signed + b"." + _encode(signature)).decode()

    def is_head_of(self, token: str) -> bool:
        return token.startswith(self._head)

    def read(self, token: str) -> Any:
        """Return the content of a token with this header.

        Raises `InvalidSignature`, and `ValueError` for a token that is malformed.
        """
        signed, _, signature = token.rpartition(".")
        numbers = _decode(signature)
        if len(numbers) != 2 * NUMBER_BYTES:
            raise InvalidSignature
        r, s = numbers[:NUMBER_BYTES], numbers[NUMBER_BYTES:]
        der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
        self._key.public_key.verify(der, signed.encode(), ES256)
        return orjson.loads(_decode(signed[len(self._head) :]))


def _encode(content: bytes) -> bytes:
    return b2a_base64(content, newline=False).translate(TO_URL).rstrip(b"=")


def _decode(text: str) -> bytes:
    padding = b"=" * (-len(text) % 4)
    return a2b_base64(text.encode().translate(FROM_URL) + padding, strict_mode=True)
