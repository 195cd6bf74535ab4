"""Secrets that programs call with, made so that one which leaked is recognised by its shape.

After GitHub's: a prefix, random letters and digits, and a checksum, by which scanners of
repositories tell a token from other text without asking us.
Source: https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
"""

import secrets
import string
from zlib import crc32

PREFIX = "haat_"
SYMBOLS = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 32  # of 62 symbols: 190 bits
CHECKED = 6
SHOWN = len(PREFIX) + 4


def new_token() -> str:
    """Such as `haat_` and 38 letters and digits, the last six of which check the others."""
    body = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))
    return PREFIX + body + _checksum(body)


def is_token(text: str) -> bool:
    """Whether it can be one: told from its checksum."""
    body, check = text[len(PREFIX) : -CHECKED], text[-CHECKED:]
    whole = text.startswith(PREFIX) and len(body) == LENGTH and set(body) <= set(SYMBOLS)
    return whole and check == _checksum(body)


def _checksum(body: str) -> str:
    number, symbols = crc32(body.encode()), ""
    for _ in range(CHECKED):
        number, place = divmod(number, len(SYMBOLS))
        symbols = SYMBOLS[place] + symbols
    return symbols
