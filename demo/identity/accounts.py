"""The demo accounts for sign-in."""

from dataclasses import dataclass

PASSWORD = "haat-demo-1"  # noqa: S105 - printed on the start page
SCANNER_KEY = "scan_demo-door"  # of the café's scanner; a tab of GraphiQL shows it


@dataclass(frozen=True)
class DemoAccount:
    """`role_name` is text for the start page."""

    email: str
    name: str
    role_name: str


ACCOUNTS = [
    DemoAccount("admin@haat.example", "Admin", "admin"),
    DemoAccount("owner@haat.example", "Owner", "owner of a café"),
    DemoAccount("customer@haat.example", "Customer", "customer"),
    DemoAccount("finance@haat.example", "Finance", "second admin, who approves"),
    DemoAccount("clinic@haat.example", "Clinic", "owner of a veterinary clinic"),
]
ADMIN, OWNER, CUSTOMER, SECOND_ADMIN, CLINIC = ACCOUNTS
