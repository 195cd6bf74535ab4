"""Texts that one device alone can read: JWE to its X25519 key (RFC 7516, RFC 8037)."""

from base64 import urlsafe_b64encode

from joserfc import jwe
from joserfc.jwk import OKPKey

HEADER = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT"}


def encrypt_to(public_key: bytes, content: str) -> str:
    """Return a compact JWE. Each has an ephemeral key, so equal contents do not look equal."""
    x = urlsafe_b64encode(public_key).rstrip(b"=").decode()
    key = OKPKey.import_key({"kty": "OKP", "crv": "X25519", "x": x})
    return jwe.encrypt_compact(HEADER, content.encode(), key)
