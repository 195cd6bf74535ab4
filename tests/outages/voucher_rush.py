"""Sixty-four customers who claim and redeem at once, and ask again until they are answered."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx
from sqlmodel import col, select
from strawberry.relay import to_base64

from core.ids import new_id
from models.identity.accounts import User
from models.redemptions import Redemption, RedemptionOutcome, Voucher
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.races.crowd import crowd

CLIENTS, ROUNDS, CAPACITY = 64, 3, 150
CALLS = CLIENTS * ROUNDS + CAPACITY  # each voucher is redeemed
TRIES, PAUSE_SECONDS = 600, 0.1


@dataclass
class VoucherRush:
    """Customers of one offer, and what they were answered. `answered` are ids by type."""

    till: Till
    client: Client
    users: Sequence[User]
    answered: dict[str, set[str]] = field(
        default_factory=lambda: {"Voucher": set(), "Redemption": set()}
    )
    refused: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    calls: int = 0  # that were answered
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def open(cls, world: World, http: httpx.AsyncClient) -> Self:
        till = await Till.open(world, capacity=CAPACITY, per_user_limit=ROUNDS)
        return cls(till, Client(http, world.keys), await crowd(world, CLIENTS))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for user in self.users:
                group.create_task(self._shop(user))

    async def wait_until(self, calls: int) -> None:
        """Wait until as many calls were answered."""
        async with self.progress:
            await self.progress.wait_for(lambda: self.calls >= calls)

    async def stored(self) -> dict[str, set[str]]:
        """Return the ids of the vouchers and of the approved redemptions in the database."""
        vouchers = select(Voucher.id).where(Voucher.offer_id == self.till.offer.id)
        approved = select(Redemption.id).where(
            Redemption.vendor_id == self.till.vendor.id,
            col(Redemption.outcome) == RedemptionOutcome.APPROVED,
        )
        async with self.till.world.database.session() as session:
            return {
                kind: {to_base64(kind, id) for id in await session.exec(rows)}
                for kind, rows in (("Voucher", vouchers), ("Redemption", approved))
            }

    async def _shop(self, user: User) -> None:
        for _ in range(ROUNDS):
            claim = {"offerId": gid(self.till.offer), "idempotencyKey": str(new_id())}
            made = await self._ask(user, "claimOffer", claim, "voucher { id token }")
            if made["errors"]:
                self.refused.update(one["code"] for one in made["errors"])
                continue
            self.answered["Voucher"].add(made["voucher"]["id"])
            scan = self.till.scan(token=made["voucher"]["token"])
            fields = "redemption { id outcome }"
            done = await self._ask(self.till.scanner, "redeemVoucher", scan, fields)
            assert (done["errors"], done["redemption"]["outcome"]) == ([], "APPROVED")
            self.answered["Redemption"].add(done["redemption"]["id"])

    async def _ask(self, user: User, name: str, input: dict[str, Any], fields: str) -> Any:
        """Return the payload of a mutation, which is sent with its key until it is answered."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        client = replace(self.client.signed_in(user))
        query = f"""mutation ($input: {kind}!) {{
            {name}(input: $input) {{ {fields} errors {{ code }} }}
        }}"""
        for _ in range(TRIES):
            try:
                answer = await client.send(query, input=input)
            except (httpx.TransportError, json.JSONDecodeError) as error:
                self.errors[type(error).__name__] += 1
            else:
                if "errors" not in answer:
                    await self._note_answer()
                    return answer["data"][name]
                self.errors.update(one["extensions"]["code"] for one in answer["errors"])
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError(f"{name} was not answered: {self.errors}")

    async def _note_answer(self) -> None:
        async with self.progress:
            self.calls += 1
            self.progress.notify_all()
