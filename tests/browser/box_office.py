"""Users of the demo who call the API: an organiser, two buyers, and an admin."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from demo.identity.accounts import ADMIN, CUSTOMER, OWNER, PASSWORD, SECOND_ADMIN, DemoAccount

LOG_IN = "session { accessToken }"
CHART = "section,row,seats\nStalls,A,1-5\n"
ADDRESS = {
    "streetLines": ["1 Palace Road"],
    "city": "Mysuru",
    "postalCode": "570001",
    "subdivision": "Karnataka",
}
CHARTED = "chart { id categories { id } sections { rows { seats { ids } } } }"
TOTAL = "checkout { id problems { code } totals { total { amountMinor } } }"
TICKETS = """
query ($dates: [ID!]!) {
  tickets(eventDateIds: $dates, first: 10) { nodes { id token code ticketType { name } } }
}
"""
COUNTED = """
query ($id: ID!) {
  checkInList(id: $id) {
    attendance { admitted inside conflicts }
    scans { totalCount nodes { scanMode shown reason } }
  }
}
"""


def key() -> dict[str, str]:
    return {"idempotencyKey": uuid4().hex}


def text(english: str) -> list[dict[str, str]]:
    return [{"locale": "en", "text": english}]


@dataclass
class ApiUser:
    """A demo account with an access token."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    id: str = ""

    @classmethod
    async def log_in(cls, http: httpx.AsyncClient, account: DemoAccount) -> "ApiUser":
        self = cls(http)
        given = {"email": account.email, "password": PASSWORD}
        session = (await self.do("logIn", LOG_IN, **given))["session"]
        self.headers["Authorization"] = f"Bearer {session['accessToken']}"
        self.id = (await self.ask("{ viewer { id } }"))["viewer"]["id"]
        return self

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        json = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=json, headers=self.headers)
        found: dict[str, Any] = answer.json()
        assert "errors" not in found, found
        data: dict[str, Any] = found["data"]
        return data

    async def attempt(self, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
        """Return the payload, also of a refusal."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} errors"
        payload: dict[str, Any] = (await self.ask(query + " { code message } } }", input=given))[
            mutation
        ]
        return payload

    async def do(self, mutation: str, fields: str = "", **given: Any) -> dict[str, Any]:
        payload = await self.attempt(mutation, fields, **given)
        assert payload["errors"] == []
        return payload


class SeatedShow:
    """A date with five seats, and a check-in list. All of it was made by the organiser's calls."""

    http: httpx.AsyncClient
    organiser: ApiUser
    vendor_id: str
    date_id: str
    type_id: str
    list_id: str
    seats: list[str]
    title: str

    @classmethod
    async def open(cls, http: httpx.AsyncClient) -> "SeatedShow":
        self = cls()
        self.http, self.organiser = http, await ApiUser.log_in(http, OWNER)
        viewer = await self.organiser.ask("{ viewer { vendors { id } } }")
        self.vendor_id = viewer["viewer"]["vendors"][0]["id"]
        chart = await self._draw()
        await self._announce(chart)
        made = await self.organiser.do(
            "createCheckInList",
            "checkInList { id }",
            eventDateId=self.date_id,
            name="Main door",
            **key(),
        )
        self.list_id = made["checkInList"]["id"]
        return self

    async def _draw(self) -> dict[str, Any]:
        organiser, place = self.organiser, {"latitude": 12.3, "longitude": 76.6}
        given = {"vendorId": self.vendor_id, "address": ADDRESS, **place, **key()}
        made = await organiser.do("createVenue", "venue { id }", name=uuid4().hex, **given)
        self.venue_id = made["venue"]["id"]
        given = {"venueId": self.venue_id, "format": "CSV", "content": CHART, **key()}
        draft = (await organiser.do("saveChart", "chart { id }", name="Hall", **given))["chart"]
        published = await organiser.do("publishChart", CHARTED, chartId=draft["id"])
        chart: dict[str, Any] = published["chart"]
        (section,) = chart["sections"]
        self.seats = section["rows"][0]["seats"]["ids"]
        return chart

    async def _announce(self, chart: dict[str, Any]) -> None:
        organiser, self.title = self.organiser, f"Evening Raga {uuid4().hex[:4]}"
        given = {"vendorId": self.vendor_id, "title": text(self.title), **key()}
        event = (await organiser.do("createEvent", "event { id }", **given))["event"]
        made = await organiser.do(
            "createTicketType",
            "ticketType { id }",
            eventId=event["id"],
            name=text("Stalls"),
            price={"amountMinor": 500_00, "currency": "INR"},
            categoryIds=[one["id"] for one in chart["categories"]],
            **key(),
        )
        self.type_id = made["ticketType"]["id"]
        start = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT19:30")
        made = await organiser.do(
            "addEventDates",
            "eventDates { id }",
            eventId=event["id"],
            starts=[start],
            minutes=120,
            venueId=self.venue_id,
            chartId=chart["id"],
            **key(),
        )
        self.date_id = made["eventDates"][0]["id"]
        await organiser.do("publishEvent", eventId=event["id"])

    async def race(self, *places: int) -> tuple[ApiUser, ApiUser, str]:
        """Let two buyers hold the same seats at once. Returns the first, the other, the hold."""
        buyers = [await ApiUser.log_in(self.http, one) for one in (CUSTOMER, SECOND_ADMIN)]
        answers = await asyncio.gather(*(self.hold(one, *places) for one in buyers))
        (won,) = [place for place, one in enumerate(answers) if not one["errors"]]
        assert [one["code"] for one in answers[1 - won]["errors"]] == ["SEATS_TAKEN"]
        return buyers[won], buyers[1 - won], answers[won]["hold"]["id"]

    async def hold(self, buyer: ApiUser, *places: int) -> dict[str, Any]:
        lines = [{"ticketTypeId": self.type_id, "quantity": len(places)}]
        seats = [self.seats[one] for one in places]
        given = {"eventDateId": self.date_id, "lines": lines, "seatIds": seats}
        return await buyer.attempt("holdTickets", "hold { id }", **given, **key())

    async def buy(self, buyer: ApiUser, hold: str) -> list[dict[str, Any]]:
        """Order a hold, let an admin record the transfer, and return the tickets."""
        given = {"currency": "INR", "holdIds": [hold]}
        checkout = (await buyer.do("createCheckout", TOTAL, **given))["checkout"]
        assert checkout["problems"] == []
        total = checkout["totals"]["total"]["amountMinor"]
        given = {"checkoutId": checkout["id"], "expectedTotalMinor": total, **key()}
        placed = await buyer.do("placeOrder", "order { id }", **given)
        admin = await ApiUser.log_in(self.http, ADMIN)
        paid = {"amountMinor": total, "currency": "INR", "reference": f"UTR {uuid4().hex}"}
        order_id = placed["order"]["id"]
        await admin.do("recordPayment", "order { state }", orderId=order_id, **paid, **key())
        return await self.tickets_of(buyer)

    async def register(self) -> tuple[str, str]:
        """Register a scanner without a public key. Returns its id and its key."""
        given = {"vendorId": self.vendor_id, "name": "Hand-held reader"}
        made = await self.organiser.do("registerScanner", "scanner { id } key", **given)
        return made["scanner"]["id"], made["key"]

    async def tickets_of(self, user: ApiUser) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await user.ask(TICKETS, dates=[self.date_id]))["tickets"][
            "nodes"
        ]
        return found

    async def counted(self) -> dict[str, Any]:
        """Return the attendance and the scans of the list."""
        found: dict[str, Any] = (await self.organiser.ask(COUNTED, id=self.list_id))["checkInList"]
        return found
