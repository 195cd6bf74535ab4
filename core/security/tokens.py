"""API tokens, in a format that secret scanners recognize.

The checksum lets a scanner verify a leaked token offline. Source:
https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
"""

import secrets
import string
from zlib import crc32

PREFIX = "haat_"
SYMBOLS = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 32  # of 62 symbols: 190 bits
CHECKSUM_LENGTH = 6
VISIBLE_LENGTH = len(PREFIX) + 4  # stored in plain text, for display


def new_token() -> str:
    """Return `haat_` and 38 letters and digits, of which the last six are the checksum."""
    body = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))
    return PREFIX + body + _checksum(body)


def is_token(text: str) -> bool:
    body, check = text[len(PREFIX) : -CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    well_formed = text.startswith(PREFIX) and len(body) == LENGTH and set(body) <= set(SYMBOLS)
    return well_formed and check == _checksum(body)


def _checksum(body: str) -> str:
    number, symbols = crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, index = divmod(number, len(SYMBOLS))
        symbols = SYMBOLS[index] + symbols
    return symbols
