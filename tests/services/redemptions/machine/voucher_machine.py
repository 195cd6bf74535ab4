"""The state machine of vouchers: each step acts on the product and on the model."""

import asyncio
import os
from collections.abc import Collection, Coroutine
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from core.clock import now
from core.security.rotating_codes import STEP_SECONDS
from models.offers.rules import MAX_USES
from models.redemptions import Redemption, Voucher
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.redemptions import VIOLATIONS
from tests.services.redemptions.machine.model import (
    Codes,
    ModelAttempt,
    ModelOffer,
    ModelVoucher,
    ShownCode,
    VendorModel,
)
from tests.services.redemptions.machine.product import DrivenVendor

EXAMPLES = os.environ.get("VOUCHER_MACHINE_EXAMPLES")
STEPS = 50
PEOPLE = 4
CLOCKS = [timedelta(), timedelta(minutes=-7), timedelta(hours=3)]  # of the scanners
PATIENCE = timedelta(seconds=20)  # of a busy machine: the time of a scan is no more off than this
MOST_TYPED = 4  # former codes in a run: a till that types more unknown ones is refused for a while

USERS = st.integers(0, PEOPLE - 1)
SCANNERS = st.integers(0, len(CLOCKS) - 1)
OFFERS = st.sampled_from([0, 0, 1, 1, 1, 2, 3])
ROTATIONS = st.sampled_from(["PREFER", "PREFER", "OFF", "REQUIRE"])
CODES = st.sampled_from(["STATIC", "ROTATING", "ROTATING", "TYPED", "WRONG"])
PRESENTED = st.builds(
    ShownCode,
    code=CODES,
    former=st.sampled_from([False, False, False, True]),
    bill=st.sampled_from([None, "A", "B"]),
    amount=st.sampled_from([None, 300, 400, 1_000]),
)
# Without a network there is neither a bill nor an amount.
SCANNED = st.builds(
    ShownCode,
    code=st.sampled_from(["STATIC", "ROTATING", "ROTATING", "WRONG"]),
    former=st.sampled_from([False, False, True]),
)


def offers() -> list[ModelOffer]:
    """Return one of a single use, of several, with a balance, and of one per bill."""
    return [
        ModelOffer(capacity=5),
        ModelOffer(capacity=4, max_uses=3),
        ModelOffer(capacity=4, max_uses=MAX_USES, value=1_000),
        ModelOffer(capacity=4, grouped=True),
    ]


def refused(codes: Collection[str], expected: Codes) -> None:
    """Check the codes with which a step is refused, which are none if it succeeds."""
    assert {*codes} == expected, f"{codes} instead of {expected or 'success'}"


class VoucherMachine(RuleBasedStateMachine):
    """Drives the API and the model. `world`, `api` and `loop` are set by the test."""

    world: World
    api: Client
    loop: asyncio.AbstractEventLoop
    vouchers: Bundle[ModelVoucher] = Bundle("vouchers")

    def __init__(self) -> None:
        super().__init__()
        self.ids: dict[ModelVoucher, UUID] = {}
        self.codes: dict[ModelVoucher, list[dict[str, str]]] = {}  # by generation
        self.logs: list[list[dict[str, Any]]] = [[] for _ in CLOCKS]
        self.scans: dict[str, tuple[ModelVoucher, ModelAttempt]] = {}  # by the id of the scan
        self.stored: set[str] = set()
        self.typed = 0

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result()

    @initialize(rotation=ROTATIONS)
    def open(self, rotation: str) -> None:
        self.model = VendorModel(rotation, offers())
        opened = DrivenVendor.open(self.world, self.api, rotation, self.model.offers, PEOPLE)
        self.product = self.run(opened)
        self.run(self.product.add_scanners(len(CLOCKS)))

    @rule(target=vouchers, user=USERS, offer=OFFERS)
    def claim(self, user: int, offer: int) -> Any:
        expected = self.model.claim(user, self.model.offers[offer])
        codes, id = self.run(self.product.claim(user, offer))
        refused(codes, expected)
        if codes:
            return multiple()
        voucher = ModelVoucher(self.model.offers[offer], user)
        voucher.offer.vouchers.append(voucher)
        self.ids[voucher] = id
        row = self.run(self.product.voucher(id))
        voucher.expires_at = row.expires_at
        self._note_codes(voucher, row)
        return voucher

    def _note_codes(self, voucher: ModelVoucher, row: Voucher) -> None:
        assert row.generation == voucher.generation
        self.codes.setdefault(voucher, []).append({"token": row.token, "code": row.code})

    @rule(voucher=vouchers)
    def cancel(self, voucher: ModelVoucher) -> None:
        user, expected = voucher.holder, self.model.cancel(voucher)
        refused(self.run(self.product.cancel(user, self.ids[voucher])), expected)

    @rule(voucher=vouchers, by_holder=st.booleans())
    def reissue(self, voucher: ModelVoucher, by_holder: bool) -> None:
        expected = self.model.reissue(voucher, now(), by_holder=by_holder)
        user = voucher.holder if by_holder else None
        refused(self.run(self.product.reissue(user, self.ids[voucher])), expected)
        if not expected:
            self._end_codes(voucher)

    def _end_codes(self, voucher: ModelVoucher) -> None:
        voucher.end_codes(self.run(self.product.ended_at(self.ids[voucher])))
        self._note_codes(voucher, self.run(self.product.voucher(self.ids[voucher])))

    @rule(voucher=vouchers, to=USERS)
    def gift(self, voucher: ModelVoucher, to: int) -> None:
        expected = self.model.gift(voucher, to, now())
        codes = self.run(self.product.gift(voucher.holder, self.ids[voucher], to))
        refused(codes, expected)

    @rule(voucher=vouchers, act=st.sampled_from(["acceptGift", "declineGift", "withdrawGift"]))
    def answer(self, voucher: ModelVoucher, act: str) -> None:
        if voucher.receiver is None:
            return
        withdraws, accepts = act == "withdrawGift", act == "acceptGift"
        user = voucher.holder if withdraws else voucher.receiver
        if withdraws:
            expected = self.model.withdraw(voucher)
        else:
            expected = self.model.answer(voucher, now(), accepts=accepts)
        refused(self.run(self.product.answer(user, self.ids[voucher], act)), expected)
        if accepts and not expected:
            self._end_codes(voucher)

    @rule(voucher=vouchers, to=USERS)
    def give(self, voucher: ModelVoucher, to: int) -> None:
        """Do all that giving takes at once, so that runs have many given vouchers."""
        self.gift(voucher, to)
        self.answer(voucher, "acceptGift")

    @rule(voucher=vouchers, shown=PRESENTED, ahead=st.integers(0, 1))
    def redeem(self, voucher: ModelVoucher, shown: ShownCode, ahead: int) -> None:
        former = shown.former and voucher.generation > 1
        if former and shown.code == "TYPED":
            self.typed += 1
            if self.typed > MOST_TYPED:
                return
        row = self.run(self.product.voucher(self.ids[voucher]))
        at = now()
        step = int(at.timestamp()) // STEP_SECONDS + ahead
        expected, amount = self.model.redeem(voucher, shown, step, at)
        codes = self.codes[voucher][0] if former else {}
        outcome, reason, made = self.run(self.product.redeem(row, shown, codes, step))
        assert reason == expected, f"{reason} instead of {expected}"
        assert outcome == ("APPROVED" if expected == "APPROVED" else "REFUSED")
        if expected != "APPROVED":
            return
        self._note_use(voucher, shown, made, amount, step)

    def _note_use(
        self,
        voucher: ModelVoucher,
        shown: ShownCode,
        made: Redemption,
        amount: int | None,
        step: int,
    ) -> None:
        rotates = shown.code == "ROTATING" and self.model.rotation != "OFF"
        assert made.amount_minor == amount
        attempt = ModelAttempt(
            made.id,
            made.attempted_at,
            voucher.generation,
            step if rotates else None,
            amount=amount,
            bill=shown.bill,
        )
        attempt.decide("APPROVED")
        voucher.attempts.append(attempt)
        voucher.note_steps()
        if voucher.used_up:
            voucher.state = "REDEEMED"

    @rule(voucher=vouchers, scanner=SCANNERS, shown=SCANNED, ahead=st.integers(0, 1))
    def scan(self, voucher: ModelVoucher, scanner: int, shown: ShownCode, ahead: int) -> None:
        self._scan(voucher, scanner, shown, ahead, "GREEN")

    @rule(voucher=vouchers, scanner=SCANNERS)
    def refuse(self, voucher: ModelVoucher, scanner: int) -> None:
        """Refuse a voucher without a network: no goods are handed over."""
        self._scan(voucher, scanner, ShownCode(), 0, "RED")

    def _scan(
        self, voucher: ModelVoucher, scanner: int, shown: ShownCode, ahead: int, light: str
    ) -> None:
        row = self.run(self.product.voucher(self.ids[voucher]))
        generation = 1 if shown.former else voucher.generation
        row.generation = generation
        step = int(now().timestamp()) // STEP_SECONDS + ahead
        token = self.codes[voucher][generation - 1]["token"]
        content = self.product.content(row, shown, token, step)
        scan = self.product.scan(scanner, row, content, CLOCKS[scanner], light)
        attempt = ModelAttempt(
            UUID(scan["scanId"]),  # until it is stored
            now(),
            generation,
            step if shown.code == "ROTATING" and self.model.rotation != "OFF" else None,
            scan=(UUID(int=0), scan["seq"]),
            shown=light == "GREEN",
        )
        if self.model.rotation != "OFF" and shown.code == "WRONG":
            attempt.reason = "CODE_EXPIRED"
        if self.model.rotation == "REQUIRE" and shown.code == "STATIC":
            attempt.reason = "CODE_EXPIRED"
        self.scans[scan["scanId"]] = voucher, attempt
        self.logs[scanner].append(scan)

    @rule(voucher=vouchers, ahead=st.integers(0, 1), bill=st.sampled_from([None, "A"]))
    def use(self, voucher: ModelVoucher, ahead: int, bill: str | None) -> None:
        """Present the best code there is, so that runs have many uses."""
        code = "STATIC" if self.model.rotation == "OFF" else "ROTATING"
        amount = 300 if voucher.balance is not None else None
        self.redeem(voucher, ShownCode(code, bill=bill, amount=amount), ahead)

    @rule(voucher=vouchers, ahead=st.integers(0, 1))
    def use_in_vain(self, voucher: ModelVoucher, ahead: int) -> None:
        """Use a voucher, and reverse that at once."""
        self.use(voucher, ahead, None)
        self.reverse_last(voucher)

    @rule(voucher=vouchers, scanner=SCANNERS, ahead=st.integers(0, 1))
    def scan_and_sync(self, voucher: ModelVoucher, scanner: int, ahead: int) -> None:
        """Send a scan at once, before those that were made earlier."""
        code = "STATIC" if self.model.rotation == "OFF" else "ROTATING"
        self._scan(voucher, scanner, ShownCode(code), ahead, "GREEN")
        self._sync(scanner, self.logs[scanner][-1:])

    @rule(scanner=SCANNERS, chosen=st.randoms(use_true_random=False))
    def sync(self, scanner: int, chosen: Random) -> None:
        """Send some scans of a scanner, in any order, also those that were sent before."""
        log = self.logs[scanner]
        if log:
            self._sync(scanner, chosen.sample(log, chosen.randint(1, len(log))))

    def _sync(self, scanner: int, sent: list[dict[str, Any]]) -> None:
        rows = self.run(self.product.sync(scanner, CLOCKS[scanner], sent))
        fresh: set[ModelVoucher] = set()
        for scan, row in zip(sent, rows, strict=True):
            voucher, attempt = self.scans[scan["scanId"]]
            if scan["scanId"] not in self.stored:
                self.stored.add(scan["scanId"])
                assert abs(row.attempted_at - attempt.moment) < PATIENCE
                attempt.id, attempt.moment = row.id, row.attempted_at
                attempt.scan = row.scanner_id, row.seq
                voucher.attempts.append(attempt)
                fresh.add(voucher)
        for voucher in fresh:
            voucher.fold(now())
        for scan, row in zip(sent, rows, strict=True):
            _, attempt = self.scans[scan["scanId"]]
            wanted = attempt.outcome, attempt.reason
            assert (row.outcome, row.reason) == wanted, f"{row.reason} instead of {wanted}"

    @rule(voucher=vouchers, at=st.integers(0, 9))
    def reverse(self, voucher: ModelVoucher, at: int) -> None:
        if not voucher.attempts:
            return
        attempt = voucher.attempts[at % len(voucher.attempts)]
        codes = self.run(self.product.reverse(attempt.id))
        row = self.run(self.product.redemption(attempt.id))
        expected = self.model.reverse(voucher, attempt, row.reversed_at or now())
        refused(codes, expected)

    @rule(voucher=vouchers)
    def reverse_last(self, voucher: ModelVoucher) -> None:
        standing = [at for at, one in enumerate(voucher.attempts) if one.stands]
        if standing:
            self.reverse(voucher, standing[-1])

    @rule(voucher=vouchers)
    def let_pass(self, voucher: ModelVoucher) -> None:
        voucher.expires_at = self.run(self.product.let_pass(self.ids[voucher]))

    @rule(offer=OFFERS)
    def expire(self, offer: int) -> None:
        self.run(self.product.expire(offer))
        self.model.expire(self.model.offers[offer], now())

    @rule()
    def turn_vendor(self) -> None:
        """Suspend the vendor, or restore it."""
        product = self.product
        step = product.restore_vendor() if self.model.suspended else product.suspend_vendor()
        self.run(step)
        self.model.suspended = not self.model.suspended

    @rule(user=USERS)
    def turn_user(self, user: int) -> None:
        """Suspend a user, or restore one."""
        if user in self.model.away:
            self.run(self.product.restore_user(user))
        else:
            self.run(self.product.suspend_user(user))
        self.model.away ^= {user}

    @rule()
    def restore_all(self) -> None:
        """Restore who is suspended, so that runs are not full of refusals."""
        if self.model.suspended:
            self.turn_vendor()
        for user in sorted(self.model.away):
            self.turn_user(user)

    @invariant()
    def sweep(self) -> None:
        """Check after each step that counters are sums of rows."""
        if hasattr(self, "product"):
            self.run(self._sweep())

    async def _sweep(self) -> None:
        async with self.world.database.session() as session:
            found = (await session.execute(VIOLATIONS)).all()
        assert not found, found

    def teardown(self) -> None:
        if hasattr(self, "product"):
            self.run(self._compare())

    async def _compare(self) -> None:
        """Sweep all rows, and compare those of the run with the model."""
        await check_invariants(self.world.database)
        for offer, row in zip(self.model.offers, self.product.offers, strict=True):
            assert (await self.world.fresh(row)).claimed == len(offer.live)
        for voucher in self.model.vouchers():
            await self._compare_voucher(voucher)
        for reference, bill in (await self.product.bills()).items():
            assert bill.amount_minor - bill.discount_minor == self.model.left_of(reference)

    async def _compare_voucher(self, voucher: ModelVoucher) -> None:
        row = await self.product.voucher(self.ids[voucher])
        users = self.product.users
        assert (row.state, row.used, row.balance_minor, row.generation) == (
            voucher.state,
            voucher.used,
            voucher.balance,
            voucher.generation,
        )
        assert row.user_id == users[voucher.holder].id
        assert row.giver_id == (None if voucher.giver is None else users[voucher.giver].id)
        for attempt in voucher.attempts:
            stored = await self.product.redemption(attempt.id)
            assert (stored.outcome, stored.reason) == (attempt.outcome, attempt.reason)
