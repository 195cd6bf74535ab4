"""The keys of rate limits. Only this module makes them, so that all limits count the same thing.

- A signed-in user is counted by id, and a program by the id of its API token.
- An anonymous caller is counted by network (`networks.py`), not by address: a customer of an IPv6
  provider has 2^64 addresses.
- An account is counted by its user's id, and an address without an account by its normal form
  (`core/email_addresses.py`), or each spelling of an address would have a limit of its own.
- An account and a network together come before either alone: the pair can be limited tightly
  without locking out the account's owner elsewhere, or others behind the same address.
"""

import hashlib
from typing import NewType
from uuid import UUID

from core.limits.networks import network_of, site_of

LimitKey = NewType("LimitKey", str)


def of_user(user_id: UUID) -> LimitKey:
    return LimitKey(f"user:{user_id}")


def of_api_token(token_id: UUID | None) -> LimitKey:
    return LimitKey(f"token:{token_id}")


def of_network(address: str) -> LimitKey:
    """Return the key of the network that an IP address is in."""
    return LimitKey(f"network:{network_of(address)}")


def of_site(address: str) -> LimitKey | None:
    """Return the key of the /48 that an IPv6 address is in. None for an IPv4 address."""
    site = site_of(address)
    return LimitKey(f"site:{site}") if site else None


def of_account(user_id: UUID | None, email: str) -> LimitKey:
    """Return the key of an account, or without a user of an address, in its normal form."""
    if user_id is not None:
        return LimitKey(f"account:{user_id}")
    # A hash, because the address is private, and Redis need not store it.
    hashed = hashlib.sha256(email.encode(errors="surrogatepass")).hexdigest()
    return LimitKey(f"address:{hashed}")


def of_pair(account: LimitKey, address: str) -> LimitKey:
    """Return the key of an account as seen from one network."""
    return LimitKey(f"{account}@{network_of(address)}")


def of_act(act: str, key: LimitKey) -> LimitKey:
    """Return the key of one act, such as `log-in`, of what `key` counts."""
    return LimitKey(f"{act}:{key}")
