"""Secrets that the server makes, such as refresh tokens and links: it stores only their hashes."""

import hashlib


def hash_secret(secret: str) -> bytes:
    """Hash without salt or stretching: a secret of more than 128 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
