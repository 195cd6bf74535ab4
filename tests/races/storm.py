"""Concurrent callers that claim, redeem, cancel and update at random."""

import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from core.ids import new_id
from models.identity.accounts import User
from tests.client import Client, gid
from tests.factories.redemptions import Till

NEWEST = 12
MIN_SECONDS, MAX_SECONDS = 4.0, 60.0  # on a busy machine, less happens in a second
ENOUGH = 6
DONE = [("claim", "OK"), ("redeem", "APPROVED"), ("cancel", "OK"), ("update", "OK")]


@dataclass
class Storm:
    """Few offers and users, many callers. Only vouchers claimed during the storm are used."""

    tills: list[Till]
    managers: list[User]
    users: list[User]
    clients: list[Client]
    dice: random.Random
    vouchers: list[tuple[User, Till, str, str]] = field(default_factory=list)
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """Return whether it has lasted a while, and everything was done several times."""
        long = time.monotonic() - self.began > MIN_SECONDS
        return long and all(self.met[one] >= ENOUGH for one in DONE)

    async def claim(self) -> str:
        user, till = self.dice.choice(self.users), self.dice.choice(self.tills)
        claim = {"offerId": gid(till.offer), "idempotencyKey": str(new_id())}
        answer = await self.call(user, "claimOffer", claim, "voucher { id token }")
        if answer.get("voucher"):
            voucher = answer["voucher"]
            self.vouchers.append((user, till, voucher["id"], voucher["token"]))
        return self.code(answer)

    async def redeem(self) -> str:
        _, till, _, token = self.dice.choice(self.vouchers[-NEWEST:])
        till = self.dice.choice([till, till, till, *self.tills])
        answer = await self.call(till.scanner, "redeemVoucher", till.scan(token=token), "reason")
        return answer.get("reason") or self.code(answer)

    async def cancel(self) -> str:
        user, _, id, _ = self.dice.choice(self.vouchers[-NEWEST:])
        return self.code(await self.call(user, "cancelVoucher", {"voucherId": id}))

    async def update(self) -> str:
        number = self.dice.randrange(len(self.tills))
        offer, manager = self.tills[number].offer, self.managers[number]
        kind = self.dice.choice(["updateOffer", "updateOffer", "pauseOffer", "publishOffer"])
        given: dict[str, Any] = {"offerId": gid(offer)}
        if kind == "updateOffer":
            given["capacity"] = self.dice.randrange(60, 200)
        answer = self.code(await self.call(manager, kind, given))
        if kind == "pauseOffer":
            await self.call(manager, "publishOffer", {"offerId": gid(offer)})
        return answer

    async def call(self, user: User, name: str, given: Any, fields: str = "") -> dict[str, Any]:
        return await self.dice.choice(self.clients).signed_in(user).do(name, given, fields)

    def code(self, answer: dict[str, Any]) -> str:
        return str(answer["errors"][0]["code"]) if answer["errors"] else "OK"

    async def hand(self) -> None:
        """One caller who does one thing after another."""
        actions: list[Callable[[], Coroutine[Any, Any, str]]] = [self.claim] * 4 + [self.update]
        while not self.is_over:
            known = actions + [self.redeem, self.cancel] * 2 if self.vouchers else actions
            action = self.dice.choice(known)
            self.met[action.__name__, await action()] += 1
