"""Short codes to read aloud and type: Crockford's base 32 with a check symbol.

Source: Douglas Crockford, "Base 32", https://www.crockford.com/base32.html
"""

import secrets

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_SYMBOLS = SYMBOLS + "*~$=U"
LENGTH = 9  # 45 bits; a tenth symbol is the checksum
LOOKALIKES = str.maketrans("OIL", "011", "- ")


def new_code() -> str:
    """Return ten random characters in two groups, such as `7QX4M-2K9TD`."""
    body = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))
    return f"{body[:5]}-{body[5:]}{check_symbol(body)}"


def read_code(typed: str) -> str | None:
    """Return the normalized code, or None if it is not valid.

    Ignores case, spaces and hyphens, and reads O, I and L as 0 and 1. The check symbol detects
    every wrong character and every swap of two characters.
    """
    plain = typed.upper().translate(LOOKALIKES)
    body, check = plain[:-1], plain[-1:]
    if len(body) != LENGTH or not set(body) <= set(SYMBOLS) or check_symbol(body) != check:
        return None
    return f"{body[:5]}-{body[5:]}{check}"


def check_symbol(body: str) -> str:
    number = 0
    for symbol in body:
        number = number * 32 + SYMBOLS.index(symbol)
    return CHECK_SYMBOLS[number % 37]
