"""Who can be signed in as in the demo town."""

from dataclasses import dataclass

PASSWORD = "haat-demo-1"  # noqa: S105 - printed on the start page


@dataclass(frozen=True)
class Account:
    """A demo account."""

    email: str
    name: str
    role_name: str


ACCOUNTS = [
    Account("admin@haat.example", "Admin", "admin"),
    Account("owner@haat.example", "Owner", "owner of a café"),
    Account("customer@haat.example", "Customer", "customer"),
]
