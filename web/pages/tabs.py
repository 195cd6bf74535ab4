"""The tabs that GraphiQL opens with.

A tab is two files of `examples`: its document, and its variables with names such as `${vendor}`.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from string import Template
from uuid import uuid4

from core.clock import now

EXAMPLES = Path(__file__).parent / "examples"
DAY, MONTH = timedelta(days=1), timedelta(days=30)
TITLES = (
    "Browse",
    "Find",
    "Searches",
    "Personal",
    "Claim",
    "Vouchers",
    "Redeem",
    "Gifts",
    "Reversals",
    "Rotating",
    "Fraud",
    "Watch",
    "Publish",
    "Rules",
    "Drafts",
    "Imports",
    "Pictures",
    "Categories",
    "Members",
    "Near",
    "Products",
    "Events",
    "Seats",
    "Questions",
    "Tickets",
    "Resale",
    "Waitlist",
    "Queue",
    "Organise",
    "Sales",
    "Check-in",
    "Slots",
    "Deposit",
    "Visits",
    "Waits",
    "Pets",
    "Calendars",
    "Clinic",
    "Agenda",
    "Desk",
    "Cart",
    "Checkout",
    "Payments",
    "Orders",
    "Files",
    "Invoices",
    "Board",
    "Shipments",
    "Returns",
    "Refunds",
    "Payouts",
    "Books",
    "Packs",
    "Money",
    "Promos",
    "Delivery",
    "Taxes",
    "Profile",
    "Addresses",
    "Account",
    "Factors",
    "Users",
    "Vendors",
    "Chat",
    "Inbox",
)


class Values(dict[str, str]):
    """Ids of the demo data, days near today, and the address of the server.

    `key` and `uuid` are new ones each time.
    """

    def __init__(self, demo: Mapping[str, str], address: str) -> None:
        moment = now().replace(second=0, microsecond=0)
        super().__init__(
            demo,
            address=address,
            now=moment.isoformat(),
            today=moment.date().isoformat(),
            tomorrow=(moment + DAY).isoformat(),
            monthAgo=(moment - MONTH).date().isoformat(),
            inAMonth=(moment + MONTH).date().isoformat(),
        )

    def __missing__(self, name: str) -> str:
        if name not in {"key", "uuid"}:
            raise KeyError(name)
        return str(uuid4())


def make_tabs(demo: Mapping[str, str], address: str) -> list[dict[str, str]]:
    """Return tabs that run as is, with ids of the demo data, on the server of an address."""
    values = Values(demo, address)
    return [
        {
            "title": title,
            "query": _read(f"{title.lower()}.graphql"),
            "variables": Template(_read(f"{title.lower()}.json")).substitute(values),
        }
        for title in TITLES
    ]


def _read(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")
