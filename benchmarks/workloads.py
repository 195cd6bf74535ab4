"""The workloads, as requests and as scripts for pgbench."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from strawberry.relay import to_base64

from benchmarks.load import numbering
from benchmarks.load.documents import CLAIM, LIST, PLACE, REDEEM, SEARCH, SUGGEST
from benchmarks.load.numbering import VARIANT_PRICE, LoadRun, RequestTarget, uuid_of, uuid_sql
from benchmarks.pgbench.script import PgbenchScript
from benchmarks.pgbench.statement_capture import InProcessClient
from core.security.signing_keys import SigningKeys

PAGE_COUNT, PAGE_SIZE = 10, 20
TOKEN_MINUTES = 60


@dataclass(frozen=True)
class OperationCall:
    document: str
    variables: dict[str, Any]
    user_id: UUID | None = None


class Workload(ABC):
    """One kind of load. `expected` occurs in every correct response and in no other.

    `repeatable` requests can be sent more than once. `writes`, `redeems` and `orders` determine the
    rows to insert. `hot` requests all work on one offer or variant.
    """

    title: str
    expected: bytes
    repeatable = writes = hot = redeems = orders = False

    @abstractmethod
    async def capture(
        self, client: InProcessClient, keys: SigningKeys, run: LoadRun
    ) -> list[PgbenchScript]:
        """Execute the operation once, for the first target, and return its SQL."""

    @abstractmethod
    def calls(self, keys: SigningKeys, run: LoadRun, count: int) -> Iterator[OperationCall]:
        """Return at most `count` different calls for a run."""


class ListOffers(Workload):
    title = "offer list, 20 a page"
    expected = b'"hasNextPage":true'
    repeatable = True

    def __init__(self) -> None:
        self._pages: list[dict[str, Any]] = []

    async def capture(
        self, client: InProcessClient, keys: SigningKeys, run: LoadRun
    ) -> list[PgbenchScript]:
        scripts, after = [], None
        for number in range(PAGE_COUNT):
            variables = {"first": PAGE_SIZE, "after": after}
            data, transactions = await client.execute(LIST, variables)
            after = data["offers"]["pageInfo"]["endCursor"]
            self._pages.append(variables)
            scripts.append(PgbenchScript.from_transactions(f"page{number}", transactions))
        return scripts

    def calls(self, keys: SigningKeys, run: LoadRun, count: int) -> Iterator[OperationCall]:
        return (OperationCall(LIST, variables) for variables in self._pages)


class Queries(Workload):
    """A query of several texts in turn."""

    repeatable = True
    document: str
    texts: Sequence[str]

    @abstractmethod
    def variables(self, text: str) -> dict[str, Any]: ...

    async def capture(
        self, client: InProcessClient, keys: SigningKeys, run: LoadRun
    ) -> list[PgbenchScript]:
        scripts = []
        for number, one in enumerate(self.texts):
            _, transactions = await client.execute(self.document, self.variables(one))
            scripts.append(PgbenchScript.from_transactions(f"text{number}", transactions))
        return scripts

    def calls(self, keys: SigningKeys, run: LoadRun, count: int) -> Iterator[OperationCall]:
        return (OperationCall(self.document, self.variables(one)) for one in self.texts)


class SearchOffers(Queries):
    """Searches for a common word, two, the start of one, and one with a typo."""

    title = "offer search, 20 a page"
    expected = b'"nodes":[{'
    document = SEARCH
    texts = ("biryani", "coffee families", "hairc", "biriani")

    def variables(self, text: str) -> dict[str, Any]:
        return {"search": text, "first": PAGE_SIZE}


class SuggestNames(Queries):
    """Texts of two to six letters, one of them with a typo."""

    title = "suggest"
    expected = b'"suggest":[{'
    document = SUGGEST
    texts = ("bi", "bir", "biry", "biriy", "coffee")

    def variables(self, text: str) -> dict[str, Any]:
        return {"text": text}


class MutationWorkload(Workload):
    """A mutation with a new target in every request, so that none is an idempotent replay."""

    writes = True
    field: str

    @abstractmethod
    def call(self, keys: SigningKeys, target: RequestTarget) -> OperationCall: ...

    def calls(self, keys: SigningKeys, run: LoadRun, count: int) -> Iterator[OperationCall]:
        return (self.call(keys, run.target(step)) for step in range(count))

    async def capture(
        self, client: InProcessClient, keys: SigningKeys, run: LoadRun
    ) -> list[PgbenchScript]:
        target = run.target(0)
        call = self.call(keys, target)
        user_id = call.user_id or UUID(int=0)
        token, _ = keys.sign_access(user_id, user_id, TOKEN_MINUTES)
        data, transactions = await client.execute(call.document, call.variables, token)
        replacements = {
            str(uuid_of(kind, getattr(target, name))): uuid_sql(kind, name)
            for kind, name in VARIABLES.items()
        }
        replacements[call.variables["input"]["idempotencyKey"]] = "'load-' || :number::text"
        replacements |= self.generated(data[self.field])
        return [PgbenchScript.from_transactions(self.field, transactions, replacements)]

    def generated(self, payload: dict[str, Any]) -> dict[str, str]:
        """Return SQL for the texts other than ids that the server has generated."""
        code = (payload.get("voucher") or {}).get("code")
        return {code: "'P' || lpad(to_hex(:number::bigint), 10, '0')"} if code else {}


VARIABLES = {
    numbering.USER: "user",
    numbering.OFFER: "offer",
    numbering.VENDOR: "vendor",
    numbering.VOUCHER: "number",
    numbering.SCANNER: "vendor",
    numbering.VARIANT: "offer",
    numbering.CART: "number",
    numbering.CHECKOUT: "number",
}


class ClaimOffers(MutationWorkload):
    title = "claimOffer, 1,000 offers"
    field = "claimOffer"
    expected = b'"voucher":{'

    def call(self, keys: SigningKeys, target: RequestTarget) -> OperationCall:
        given = {
            "offerId": to_base64("Offer", str(uuid_of(numbering.OFFER, target.offer))),
            "idempotencyKey": f"load-{target.number}",
        }
        return OperationCall(CLAIM, {"input": given}, uuid_of(numbering.USER, target.user))


class ClaimHotOffer(ClaimOffers):
    """Claims of one offer: all transactions lock the same row."""

    title = "claimOffer, one hot offer"
    hot = True


class RedeemVouchers(MutationWorkload):
    """Redemptions by QR code, by a scanner of the vendor."""

    title = "redeemVoucher"
    field = "redeemVoucher"
    expected = b'"outcome":"APPROVED"'
    redeems = True

    def call(self, keys: SigningKeys, target: RequestTarget) -> OperationCall:
        given = {
            "vendorId": to_base64("Vendor", str(uuid_of(numbering.VENDOR, target.vendor))),
            "token": keys.sign_voucher(uuid_of(numbering.VOUCHER, target.number), generation=1),
            "idempotencyKey": f"load-{target.number}",
        }
        return OperationCall(REDEEM, {"input": given}, uuid_of(numbering.SCANNER, target.vendor))


class PlaceOrders(MutationWorkload):
    """Orders of one unit. Nothing is delivered, so a quote has no rates to find."""

    title = "placeOrder, 1,000 variants"
    field = "placeOrder"
    expected = b'"state":"PENDING"'
    orders = True

    def call(self, keys: SigningKeys, target: RequestTarget) -> OperationCall:
        checkout_id = uuid_of(numbering.CHECKOUT, target.number)
        given = {
            "checkoutId": to_base64("Checkout", str(checkout_id)),
            "expectedTotalMinor": VARIANT_PRICE,
            "idempotencyKey": f"load-{target.number}",
        }
        return OperationCall(PLACE, {"input": given}, uuid_of(numbering.USER, target.user))

    def generated(self, payload: dict[str, Any]) -> dict[str, str]:
        number = payload["order"]["number"]
        return {number: "upper(lpad(to_hex(:number::bigint), 8, '0'))"}


class PlaceHotOrders(PlaceOrders):
    """Orders of one variant: all transactions lock the same row of stock."""

    title = "placeOrder, one hot variant"
    hot = True
