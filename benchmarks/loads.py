"""What is measured: each operation as requests for the server and as scripts for pgbench."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from strawberry.relay import to_base64

from benchmarks import numbers
from benchmarks.capture import Inside
from benchmarks.documents import CLAIM, LIST, REDEEM
from benchmarks.numbers import Place, Turn, uuid_of, uuid_sql
from benchmarks.script import Script
from core.signing_keys import SigningKeys

PAGES, PAGE_SIZE = 10, 20
MINUTES = 60


@dataclass(frozen=True)
class Call:
    """One operation as somebody, or as nobody."""

    document: str
    variables: dict[str, Any]
    caller: UUID | None = None


class Load(ABC):
    """One kind of load. `wanted` is in every right answer and in no other."""

    title: str
    wanted: bytes
    repeated = changes = hot = redeems = False

    @abstractmethod
    async def capture(self, inside: Inside, keys: SigningKeys, turn: Turn) -> list[Script]:
        """What pgbench is to run, from having run it once at the first place of `turn`."""

    @abstractmethod
    def calls(self, keys: SigningKeys, turn: Turn, count: int) -> Iterator[Call]:
        """What the server is asked during a turn, at most `count` different things."""


class Browse(Load):
    """Pages of the newest offers, each offer with its vendor and its category."""

    title = "offer list, 20 a page"
    wanted = b'"hasNextPage":true'
    repeated = True

    def __init__(self) -> None:
        self._pages: list[dict[str, Any]] = []

    async def capture(self, inside: Inside, keys: SigningKeys, turn: Turn) -> list[Script]:
        scripts, after = [], None
        for place in range(PAGES):
            variables = {"first": PAGE_SIZE, "after": after}
            data, transactions = await inside.ask(LIST, variables)
            after = data["offers"]["pageInfo"]["endCursor"]
            self._pages.append(variables)
            scripts.append(Script.of(f"page{place}", transactions))
        return scripts

    def calls(self, keys: SigningKeys, turn: Turn, count: int) -> Iterator[Call]:
        return (Call(LIST, variables) for variables in self._pages)


class Change(Load):
    """A mutation that does something new each time."""

    changes = True
    field: str

    @abstractmethod
    def call(self, keys: SigningKeys, place: Place) -> Call: ...

    def calls(self, keys: SigningKeys, turn: Turn, count: int) -> Iterator[Call]:
        return (self.call(keys, turn.place(step)) for step in range(count))

    async def capture(self, inside: Inside, keys: SigningKeys, turn: Turn) -> list[Script]:
        place = turn.place(0)
        call = self.call(keys, place)
        token, _ = keys.sign_access(call.caller or UUID(int=0), UUID(int=0), MINUTES)
        data, transactions = await inside.ask(call.document, call.variables, token)
        known = {
            str(uuid_of(kind, getattr(place, name))): uuid_sql(kind, name)
            for kind, name in IDS.items()
        }
        known[call.variables["input"]["idempotencyKey"]] = "'load-' || :number::text"
        if code := (data[self.field]["voucher"] or {}).get("code"):
            known[code] = "'P' || lpad(to_hex(:number::bigint), 10, '0')"
        return [Script.of(self.field, transactions, known)]


IDS = {
    numbers.USER: "user",
    numbers.OFFER: "offer",
    numbers.VENDOR: "vendor",
    numbers.VOUCHER: "number",
    numbers.SCANNER: "vendor",
}


class Claim(Change):
    """A voucher for somebody who has none of that offer."""

    title = "claimOffer, 1,000 offers"
    field = "claimOffer"
    wanted = b'"voucher":{'

    def call(self, keys: SigningKeys, place: Place) -> Call:
        given = {
            "offerId": to_base64("Offer", str(uuid_of(numbers.OFFER, place.offer))),
            "idempotencyKey": f"load-{place.number}",
        }
        return Call(CLAIM, {"input": given}, uuid_of(numbers.USER, place.user))


class HotClaim(Claim):
    """The same, all of them of one offer."""

    title = "claimOffer, one hot offer"
    hot = True


class Redeem(Change):
    """A good voucher's QR code, at the till of its vendor."""

    title = "redeemVoucher"
    field = "redeemVoucher"
    wanted = b'"outcome":"APPROVED"'
    redeems = True

    def call(self, keys: SigningKeys, place: Place) -> Call:
        given = {
            "vendorId": to_base64("Vendor", str(uuid_of(numbers.VENDOR, place.vendor))),
            "token": keys.sign_voucher(uuid_of(numbers.VOUCHER, place.number), generation=1),
            "idempotencyKey": f"load-{place.number}",
        }
        return Call(REDEEM, {"input": given}, uuid_of(numbers.SCANNER, place.vendor))
