"""Canary texts that reveal a leak, and the roles that may read each of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor

CUSTOMER, OWNER, ADMIN, ANONYMOUS = "customer", "owner", "admin", "anonymous"
ROLES = [ANONYMOUS, CUSTOMER, OWNER, ADMIN]


@dataclass
class Canaries:
    """The texts planted so far. A text is a secret for each role that may not read it.

    `rival` and `stranger` have the same data as `owner` and `customer`, and send no requests.
    """

    people: dict[str, User] = field(default_factory=dict)
    vendors: dict[str, Vendor] = field(default_factory=dict)  # shop, rival, pending
    offers: dict[str, Offer] = field(default_factory=dict)  # shop, rival
    vouchers: dict[str, Voucher] = field(default_factory=dict)  # customer, stranger, elsewhere
    rows: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)  # of rows that are not in `rows`
    secrets: dict[str, set[str]] = field(default_factory=lambda: {role: set() for role in ROLES})
    known: dict[str, set[str]] = field(default_factory=lambda: {role: set() for role in ROLES})

    def add(self, *texts: str, readers: Iterable[str] = (), shown: bool = True) -> None:
        """Hide texts from all roles but `readers`, who must find them unless not `shown`."""
        for role in ROLES:
            if role not in readers:
                self.secrets[role] |= set(texts)
            elif shown:
                self.known[role] |= set(texts)
