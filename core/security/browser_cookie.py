"""The cookie of a browser session, and the token that proves that its own page sends a request."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode

COOKIE_BYTES = 32
COOKIE = re.compile(r"[0-9a-f]{64}")
CSRF = b"haat-csrf"


def new_cookie() -> str:
    """Return 64 hexadecimal digits. The server stores their SHA-256."""
    return secrets.token_hex(COOKIE_BYTES)


def is_cookie(text: str) -> bool:
    return COOKIE.fullmatch(text) is not None


def csrf_token(cookie: str) -> str:
    """Return the token of a cookie. Pages cannot read the cookie, so only the server knows it."""
    derived = hmac.digest(cookie.encode(), CSRF, hashlib.sha256)
    return urlsafe_b64encode(derived).rstrip(b"=").decode()


def is_token_of(token: str, cookie: str) -> bool:
    return hmac.compare_digest(token.encode(), csrf_token(cookie).encode())
