"""The keys of rate limits. Only this module makes them, so that all limits count the same thing.

- A signed-in user is counted by id, and a program by the id of its API token.
- An anonymous caller is counted by network (`networks.py`), not by address: a customer of an IPv6
  provider has 2^64 addresses.
- An account is counted by its user's id. An email address without an account, and a phone number,
  are counted by their normal form, or each spelling would have a limit of its own. Redis gets its
  keyed hash: from a plain one the value can be guessed. While a new key is distributed to servers,
  a value can be counted twice.
- An account and a network together come before either alone: the pair can be limited tightly
  without locking out the account's owner elsewhere, or others behind the same address.
"""

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


def of_account(user_id: UUID) -> LimitKey:
    return LimitKey(f"account:{user_id}")


def of_vendor(vendor_id: UUID) -> LimitKey:
    return LimitKey(f"vendor:{vendor_id}")


def of_hash(hashed: bytes) -> LimitKey:
    """Return the key of a private value by its keyed hash (`Sealer.hash`)."""
    return LimitKey(f"hash:{hashed.hex()}")


def of_all() -> LimitKey:
    """Return the key of an act by anyone."""
    return LimitKey("all")


def of_pair(account: LimitKey, address: str) -> LimitKey:
    """Return the key of an account as seen from one network."""
    return LimitKey(f"{account}@{network_of(address)}")


def of_act(act: str, key: LimitKey) -> LimitKey:
    """Return the key of one act, such as `log-in`, of what `key` counts."""
    return LimitKey(f"{act}:{key}")
