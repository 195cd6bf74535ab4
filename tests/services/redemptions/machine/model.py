"""A model of the vouchers of a vendor in memory: their uses, codes, gifts and ends.

Each method returns the codes with which the product may refuse the step, or the reason of an
attempt, and changes the model only if there are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

LIMIT = 2  # vouchers of an offer per user
MOST_GIFTS = 5  # of a voucher
DISCOUNT_PERCENT = 10
BILL = 1_500  # the amount of each bill
FAR = datetime(2100, 1, 1, tzinfo=UTC)
GIVEN = {"ALREADY_REDEEMED", "CANCELLED", "STEP_USED"}  # goods were handed over nevertheless
Codes = set[str]


@dataclass(eq=False)
class ModelOffer:
    capacity: int
    max_uses: int = 1
    value: int | None = None
    grouped: bool = False
    vouchers: list["ModelVoucher"] = field(default_factory=list)

    @property
    def live(self) -> list["ModelVoucher"]:
        return [one for one in self.vouchers if one.state != "CANCELLED"]

    @property
    def needs_server(self) -> bool:
        return self.grouped or self.value is not None


@dataclass(eq=False)
class ModelAttempt:
    """An attempt at the till, or a scan without a network that was shown as valid."""

    id: UUID
    moment: datetime
    generation: int | None
    step: int | None = None
    scan: tuple[UUID, int] | None = None  # the scanner and the number, without a network
    shown: bool = True
    amount: int | None = None
    bill: str | None = None
    reason: str = "NOT_ACCEPTED"
    outcome: str = "REFUSED"
    reversed_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.outcome == "APPROVED" and self.reversed_at is None

    @property
    def handed_over(self) -> bool:
        if self.reversed_at is not None or self.reason == "CODE_EXPIRED":
            return False
        return self.shown if self.scan else self.outcome in {"APPROVED", "DOUBLE"}

    @property
    def place(self) -> tuple[datetime, UUID, int, UUID]:
        scanner, number = self.scan or (UUID(int=0), 0)
        return self.moment, scanner, number, self.id

    def decide(self, reason: str) -> None:
        self.reason = reason
        self.outcome = "DOUBLE" if reason in GIVEN else "REFUSED"
        if reason == "APPROVED":
            self.outcome = "APPROVED"


@dataclass(eq=False)
class ModelVoucher:
    offer: ModelOffer
    holder: int
    giver: int | None = None
    state: str = "CLAIMED"
    generation: int = 1
    expires_at: datetime = FAR
    attempts: list[ModelAttempt] = field(default_factory=list)
    ended: dict[int, datetime] = field(default_factory=dict)  # when generations ended
    spent: dict[int, int] = field(default_factory=dict)  # the last step that a till has accepted
    gifts: int = 0
    receiver: int | None = None  # of the open gift

    @property
    def used(self) -> int:
        return sum(one.stands for one in self.attempts)

    @property
    def balance(self) -> int | None:
        if self.offer.value is None:
            return None
        return self.offer.value - sum(one.amount or 0 for one in self.attempts if one.stands)

    @property
    def used_up(self) -> bool:
        return self.used >= self.offer.max_uses or self.balance == 0

    def usable(self, at: datetime) -> bool:
        return self.state == "CLAIMED" and at < self.expires_at

    def end_codes(self, at: datetime) -> None:
        self.ended[self.generation] = at
        self.generation += 1

    def note_steps(self) -> None:
        """Note the codes that redeemed: a till does not accept them again, nor earlier ones."""
        for one in self.attempts:
            if one.outcome == "APPROVED" and one.step is not None and one.generation is not None:
                known = self.spent.get(one.generation, -1)
                self.spent[one.generation] = max(known, one.step)

    def fold(self, at: datetime) -> None:
        """Decide all scans again: at no time are there more uses than the voucher has."""
        standing: list[ModelAttempt] = []
        spent: dict[int | None, int] = {}
        undone = [one for one in self.attempts if one.reversed_at is not None]
        for one in undone:
            if one.step is not None:
                spent[one.generation] = max(one.step, spent.get(one.generation, -1))
        folded = [one for one in self.attempts if one.handed_over]
        for one in sorted(folded, key=lambda each: each.place):
            reason = self._invalid(one, spent) if one.scan else None
            most = max(_uses_at(moment, undone, one) for moment in _moments(undone, one))
            if reason is None and len(standing) + most >= self.offer.max_uses:
                reason = "ALREADY_REDEEMED"
            one.decide(reason or "APPROVED")
            if reason is None:
                standing.append(one)
                if one.step is not None:
                    spent[one.generation] = max(one.step, spent.get(one.generation, -1))
        self.note_steps()
        if self.used_up:
            self.state = "REDEEMED"
        elif self.state == "REDEEMED":
            self.state = "CLAIMED" if at < self.expires_at else "EXPIRED"

    def _invalid(self, scan: ModelAttempt, spent: dict[int | None, int]) -> str | None:
        ended = self.ended.get(scan.generation or 0)
        if ended is not None and ended <= scan.moment:
            return "OLD_GENERATION"
        if scan.moment >= self.expires_at:
            return "EXPIRED"
        if self.state == "CANCELLED":
            return "CANCELLED"
        if self.offer.needs_server:
            return "RULE_FAILED"
        used = scan.step is not None and scan.step <= spent.get(scan.generation, -1)
        return "STEP_USED" if used else None


def _moments(undone: list[ModelAttempt], one: ModelAttempt) -> list[datetime]:
    return [one.moment, *(each.moment for each in undone if each.moment > one.moment)]


def _uses_at(moment: datetime, undone: list[ModelAttempt], one: ModelAttempt) -> int:
    """Return the uses of a moment that were reversed later, and after the attempt."""
    return sum(
        each.moment <= moment <= each.reversed_at and one.moment <= each.reversed_at
        for each in undone
        if each.reversed_at is not None
    )


@dataclass(frozen=True)
class ShownCode:
    """A voucher at the till: which of its codes, at which bill, for which amount.

    `code` is STATIC, TYPED, ROTATING, or WRONG: a rotating code that never was one.
    """

    code: str = "STATIC"
    former: bool = False
    bill: str | None = None
    amount: int | None = None


@dataclass
class VendorModel:
    rotation: str
    offers: list[ModelOffer]
    suspended: bool = False
    away: set[int] = field(default_factory=set)  # the users that are suspended

    def vouchers(self) -> Iterator[ModelVoucher]:
        for offer in self.offers:
            yield from offer.vouchers

    def claim(self, user: int, offer: ModelOffer) -> Codes:
        if user in self.away:
            return {"UNAUTHENTICATED"}
        if self.suspended:
            return {"VENDOR_SUSPENDED"}
        if len(offer.live) >= offer.capacity:
            return {"OFFER_SOLD_OUT"}
        claimed = [
            one for one in offer.live if (one.holder, one.giver)[one.giver is not None] == user
        ]
        if max(len(claimed), self.held(user, offer)) >= LIMIT:
            return {"CLAIM_LIMIT_REACHED"}
        return set()

    def held(self, user: int, offer: ModelOffer) -> int:
        return sum(one.holder == user for one in offer.live)

    def cancel(self, voucher: ModelVoucher) -> Codes:
        if voucher.holder in self.away:
            return {"UNAUTHENTICATED"}
        if voucher.state != "CLAIMED" or voucher.used:
            return {"VOUCHER_NOT_CANCELLABLE"}
        voucher.state = "CANCELLED"
        return set()

    def reissue(self, voucher: ModelVoucher, at: datetime, *, by_holder: bool) -> Codes:
        if by_holder and voucher.holder in self.away:
            return {"UNAUTHENTICATED"}
        return set() if voucher.usable(at) else {"VOUCHER_NOT_USABLE"}

    def gift(self, voucher: ModelVoucher, to: int, at: datetime) -> Codes:
        refusals = (
            (voucher.holder in self.away, "UNAUTHENTICATED"),
            (not voucher.usable(at) or voucher.used, "VOUCHER_NOT_USABLE"),
            (voucher.giver is not None or voucher.gifts >= MOST_GIFTS, "VOUCHER_GIVEN_BEFORE"),
            (voucher.receiver is not None, "GIFT_STATE"),
            (to == voucher.holder, "INVALID_INPUT"),
            (to in self.away, "NOT_FOUND"),
        )
        codes = {next((code for refused, code in refusals if refused), "")} - {""}
        if not codes:
            voucher.receiver, voucher.gifts = to, voucher.gifts + 1
        return codes

    def answer(self, voucher: ModelVoucher, at: datetime, *, accepts: bool) -> Codes:
        receiver = voucher.receiver
        assert receiver is not None
        if receiver in self.away:
            return {"UNAUTHENTICATED"}
        if not voucher.usable(at) or voucher.used:
            return {"GIFT_STATE"}
        if accepts and self.held(receiver, voucher.offer) >= LIMIT:
            return {"CLAIM_LIMIT_REACHED"}
        voucher.receiver = None
        if accepts:
            voucher.giver, voucher.holder = voucher.holder, receiver
        return set()

    def withdraw(self, voucher: ModelVoucher) -> Codes:
        if voucher.holder in self.away:
            return {"UNAUTHENTICATED"}
        voucher.receiver = None
        return set()

    def reverse(self, voucher: ModelVoucher, attempt: ModelAttempt, at: datetime) -> Codes:
        if not attempt.stands:
            return {"NOT_REVERSIBLE"}
        attempt.reversed_at = at
        if at < voucher.expires_at:
            voucher.state = "CLAIMED"
        else:
            voucher.state = "EXPIRED" if voucher.used else "CANCELLED"
        return set()

    def expire(self, offer: ModelOffer, at: datetime) -> None:
        for one in offer.vouchers:
            if one.state == "CLAIMED" and one.expires_at <= at:
                one.state = "EXPIRED"

    def redeem(
        self, voucher: ModelVoucher, shown: ShownCode, step: int | None, at: datetime
    ) -> tuple[str, int | None]:
        """Return the reason of an attempt, and the amount that it takes."""
        if shown.former and voucher.generation > 1:
            return ("UNKNOWN" if shown.code == "TYPED" else "OLD_GENERATION"), None
        code = self._code_refusal(voucher, shown, step)
        if voucher.state != "CLAIMED":
            again = voucher.state == "REDEEMED"
            reason = code if again and code == "STEP_USED" else None
            return reason or ("ALREADY_REDEEMED" if again else voucher.state), None
        refusals = (
            (voucher.expires_at <= at, "EXPIRED"),
            (self.suspended, "VENDOR_SUSPENDED"),
            (voucher.holder in self.away, "USER_SUSPENDED"),
        )
        for refused, reason in refusals:
            if refused:
                return reason, None
        if code is not None:
            return code, None
        allowed, amount = self._use(voucher, shown)
        return ("APPROVED", amount) if allowed else ("RULE_FAILED", None)

    def _code_refusal(
        self, voucher: ModelVoucher, shown: ShownCode, step: int | None
    ) -> str | None:
        if self.rotation == "OFF":
            return None
        if shown.code == "WRONG":
            return "CODE_EXPIRED"
        if shown.code != "ROTATING":
            return "CODE_EXPIRED" if self.rotation == "REQUIRE" else None
        assert step is not None
        return "STEP_USED" if step <= voucher.spent.get(voucher.generation, -1) else None

    def _use(self, voucher: ModelVoucher, shown: ShownCode) -> tuple[bool, int | None]:
        """Return whether the rules allow a use, and its amount."""
        offer, left = voucher.offer, self.left_of(shown.bill) if shown.bill else 0
        stacked = self._on(shown.bill) if shown.bill else []
        if offer.grouped and (not shown.bill or any(one.offer.grouped for one, _ in stacked)):
            return False, None
        if offer.value is None:
            return True, min(BILL * DISCOUNT_PERCENT // 100, left) if shown.bill else None
        balance, amount = voucher.balance or 0, shown.amount
        if amount is None and shown.bill:
            amount = min(balance, left) or None
        if amount is None or amount > balance or (shown.bill and amount > left):
            return False, None
        return True, amount

    def _on(self, bill: str) -> list[tuple[ModelVoucher, ModelAttempt]]:
        """Return what took its discount of a bill: also doubles, whose goods were handed over."""
        return [
            (voucher, one)
            for voucher in self.vouchers()
            for one in voucher.attempts
            if one.bill == bill and one.outcome in {"APPROVED", "DOUBLE"} and not one.reversed_at
        ]

    def left_of(self, bill: str) -> int:
        return BILL - sum(one.amount or 0 for _, one in self._on(bill))
