"""The normal form of email addresses. Only this module decides which two are the same.

Python computes it, and PostgreSQL compares it: their rules of upper and lower case differ, such as
for `İ`, and limits counted one account under several addresses.
"""

import unicodedata

from email_validator import EmailNotValidError, validate_email

MAX_EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3
MAX_INPUT_LENGTH = 4 * MAX_EMAIL_LENGTH


def normalize_email(text: str) -> str | None:
    """Return the normal form of an address, or None if it is not one that can have an account.

    The local part is NFKC, case-folded; the domain is in ASCII (IDNA 2008). Dots and tags stay:
    only the provider of a mailbox knows whether it ignores them. Local parts that are not ASCII
    are refused, because different letters look the same, such as the Latin and the Cyrillic `a`;
    so are quoted local parts and addresses in brackets.
    """
    local, _, domain = text[: MAX_INPUT_LENGTH + 1].strip().rpartition("@")
    if len(text) > MAX_INPUT_LENGTH:
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())
    try:
        found = validate_email(
            f"{folded}@{domain}", check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def with_ascii_domain(address: str) -> str | None:
    """Return an address of a mailbox with its domain in ASCII, or None if it is malformed.

    For addresses that were stored or configured before `normalize_email` decided which can have an
    account: all mail servers know a domain by its ASCII form. The local part stays as it is.
    """
    if address.isascii():
        return address
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}"
