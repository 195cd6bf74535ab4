"""Short codes that people read aloud and type: Crockford's base 32 with his check symbol.

Source: Douglas Crockford, "Base 32", https://www.crockford.com/base32.html
"""

import secrets

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SYMBOLS + "*~$=U"
LENGTH = 9  # nine symbols are 45 bits; the tenth checks them
READ_AS = str.maketrans("OIL", "011", "- ")


def new_code() -> str:
    """Ten characters in two groups, such as `7QX4M-2K9TD`."""
    body = "".join(secrets.choice(SYMBOLS) for _ in range(LENGTH))
    return f"{body[:5]}-{body[5:]}{check_symbol(body)}"


def read_code(typed: str) -> str | None:
    """The code as it was issued, or None when it cannot be one.

    Forgives case, spaces, hyphens, and O, I and L read for 0 and 1. The check
    symbol catches every single wrong character and every swap of two.
    """
    plain = typed.upper().translate(READ_AS)
    body, check = plain[:-1], plain[-1:]
    if len(body) != LENGTH or not set(body) <= set(SYMBOLS) or check_symbol(body) != check:
        return None
    return f"{body[:5]}-{body[5:]}{check}"


def check_symbol(body: str) -> str:
    number = 0
    for symbol in body:
        number = number * 32 + SYMBOLS.index(symbol)
    return CHECKS[number % 37]
