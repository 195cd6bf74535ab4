"""Short codes to read aloud and type: Crockford's base 32 with a check symbol.

Source: Douglas Crockford, "Base 32", https://www.crockford.com/base32.html
"""

import re
import secrets
import unicodedata

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_SYMBOLS = SYMBOLS + "*~$=U"
LENGTH = 9  # 45 bits; a tenth symbol is the checksum
SECRET_LENGTH, GROUP = 16, 4  # 80 bits, which nothing finds from their hash
LOOKALIKES = str.maketrans("OIL", "011", "\N{MINUS SIGN}")

# Categories of characters that no code contains: spaces, controls, formats; and dashes.
INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
SEPARATORS = INVISIBLE | {"Pd"}

# Handheld scanners can prepend the kind of bar code, such as "]Q1" (ISO/IEC 15424).
SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")


def new_code() -> str:
    """Return ten random characters in two groups, such as `7QX4M-2K9TD`."""
    body = _random_symbols(LENGTH)
    return f"{body[:5]}-{body[5:]}{check_symbol(body)}"


def read_code(typed: str) -> str | None:
    """Return the normalized code, or None if it is not valid.

    Ignores case, spaces, dashes and invisible characters, reads O, I and L as 0 and 1, and digits
    of any script. The check symbol detects every wrong character and every swap of two characters.
    """
    plain = read_symbols(typed)
    body, check = plain[:-1], plain[-1:]
    if len(body) != LENGTH or not set(body) <= set(SYMBOLS) or check_symbol(body) != check:
        return None
    return f"{body[:5]}-{body[5:]}{check}"


def new_secret_code() -> str:
    """Return sixteen random characters in four groups, such as `7QX4-M2K9-TD31-0WCE`."""
    body = _random_symbols(SECRET_LENGTH)
    return "-".join(body[start : start + GROUP] for start in range(0, SECRET_LENGTH, GROUP))


def read_symbols(typed: str) -> str:
    """Return the symbols of a typed code, without what separates them."""
    return read_digits(typed).upper().translate(LOOKALIKES)


def read_digits(typed: str) -> str:
    """Return a typed text without spaces and dashes, with its digits in ASCII."""
    digits = "".join(str(unicodedata.decimal(c, c)) for c in typed)
    return strip_noise(unicodedata.normalize("NFKC", digits), SEPARATORS)


def strip_noise(scanned: str, noise: frozenset[str] = INVISIBLE) -> str:
    """Remove what scanners, keyboards and copying add to a code: a symbology and `noise`."""
    plain = "".join(c for c in scanned if unicodedata.category(c) not in noise)
    return SYMBOLOGY.sub("", plain, count=1) if plain.startswith("]") else plain


def _random_symbols(count: int) -> str:
    """Return symbols from five random bits each, of which the kernel is asked once."""
    bits = secrets.randbits(5 * count)
    return "".join(SYMBOLS[bits >> 5 * place & 31] for place in range(count))


def check_symbol(body: str) -> str:
    number = 0
    for symbol in body:
        number = number * 32 + SYMBOLS.index(symbol)
    return CHECK_SYMBOLS[number % 37]
