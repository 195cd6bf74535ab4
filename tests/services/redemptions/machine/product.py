"""The product that the machine drives: the API, on a real database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlmodel import col, select, update
from strawberry.relay import GlobalID

from core.clock import now
from core.ids import new_id
from core.security.rotating_codes import SEPARATOR, STEP_SECONDS, rotating_code, rotating_key
from models.gifts import VoucherGift
from models.identity.accounts import User, UserSession
from models.offers.offers import Offer
from models.redemptions import Redemption, Voucher
from models.redemptions.bills import Bill
from models.scanners import VoucherRevocation
from services.redemptions.redemptions import expire_vouchers
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.fraud import score_with
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.admins.deciding import suspension
from tests.resolvers.offers.ruled import inr, set_rules
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_reverse_redemption import undo
from tests.resolvers.vendors.test_suspend_vendor import restore, suspend
from tests.services.redemptions.machine.model import (
    BILL,
    DISCOUNT_PERCENT,
    LIMIT,
    ModelOffer,
    ShownCode,
)

STEP = timedelta(seconds=STEP_SECONDS)
Codes = list[str]


class DrivenVendor:
    """A vendor with offers, customers, scanners of some clocks, a manager and an admin."""

    world: World
    api: Client
    till: Till
    offers: list[Offer]
    people: list[Client]
    users: list[User]
    gadgets: list[Gadget]
    manager: Client
    admin: Client

    @classmethod
    async def open(
        cls, world: World, api: Client, rotation: str, offers: Sequence[ModelOffer], people: int
    ) -> Self:
        self = cls()
        self.world, self.api, self.offers, self.gadgets = world, api, [], []
        for offer in offers:
            await self._add_offer(offer)
        self.users = [await world.user() for _ in range(people)]
        self.people = [api.signed_in(user) for user in self.users]
        self.manager = api.signed_in(await self.till.manager())
        self.admin = api.signed_in(await world.admin())
        await score_with(world, self.till.vendor, 1, rotation=rotation)
        return self

    async def _add_offer(self, offer: ModelOffer) -> None:
        given = {
            "capacity": offer.capacity,
            "per_user_limit": LIMIT,
            "percent": DISCOUNT_PERCENT,
        }
        if self.offers:
            added = await self.world.offer(self.till.vendor, **given)
            self.till = replace(self.till, offer=added)
        else:
            self.till = await Till.open(self.world, **given)
        self.offers.append(self.till.offer)
        rules: dict[str, Any] = {}
        if offer.value is not None:
            rules["voucherBalance"] = inr(offer.value)
        if offer.value is None and offer.max_uses > 1:
            rules["maximumUses"] = offer.max_uses
        if offer.grouped:
            rules["stacking"] = {"kind": "ONE_PER_GROUP", "group": "food"}
        if rules:
            await set_rules(self.api, self.till, **rules)

    async def add_scanners(self, number: int) -> None:
        for _ in range(number):
            self.gadgets.append(await Gadget.register(self.till, self.api))

    async def _do(
        self, client: Client, name: str, input: dict[str, Any], fields: str = ""
    ) -> tuple[Codes, Any]:
        """Return the codes of the refusals, and the payload."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        answer = await client.send(
            f"mutation ($input: {kind}!) {{ {name}(input: $input)"
            f" {{ {fields} errors {{ code message }} }} }}",
            input=input,
        )
        if "errors" in answer:
            return [one["extensions"]["code"] for one in answer["errors"]], None
        payload = answer["data"][name]
        return [one["code"] for one in payload["errors"]], payload

    async def claim(self, user: int, offer: int) -> tuple[Codes, UUID | None]:
        given = {"offerId": gid(self.offers[offer]), "idempotencyKey": str(new_id())}
        codes, payload = await self._do(self.people[user], "claimOffer", given, "voucher { id }")
        return codes, None if codes else id_of(payload["voucher"])

    async def cancel(self, user: int, voucher: UUID) -> Codes:
        given = {"voucherId": global_id("Voucher", voucher)}
        return (await self._do(self.people[user], "cancelVoucher", given))[0]

    async def reissue(self, user: int | None, voucher: UUID) -> Codes:
        """Reissue as the holder, or as the manager."""
        given = {
            "voucherId": global_id("Voucher", voucher),
            "reason": "The codes were seen by others",
            "idempotencyKey": str(new_id()),
        }
        client = self.manager if user is None else self.people[user]
        return (await self._do(client, "reissueVoucher", given))[0]

    async def gift(self, user: int, voucher: UUID, to: int) -> Codes:
        given = {
            "voucherId": global_id("Voucher", voucher),
            "toUserId": gid(self.users[to]),
            "idempotencyKey": str(new_id()),
        }
        return (await self._do(self.people[user], "giftVoucher", given))[0]

    async def answer(self, user: int, voucher: UUID, act: str) -> Codes:
        """Accept, decline or withdraw the open gift of a voucher."""
        open_gift = select(VoucherGift).where(
            VoucherGift.voucher_id == voucher, VoucherGift.state == "OFFERED"
        )
        async with self.world.database.session() as session:
            gift = gid((await session.exec(open_gift)).one())
        given: dict[str, Any] = {"giftId": gift}
        if act != "withdrawGift":
            given = {"gift": given}
        if act == "acceptGift":
            given["idempotencyKey"] = str(new_id())
        return (await self._do(self.people[user], act, given))[0]

    async def voucher(self, id: UUID) -> Voucher:
        async with self.world.database.session() as session:
            return await session.get_one(Voucher, id)

    async def redemption(self, id: UUID) -> Redemption:
        async with self.world.database.session() as session:
            return await session.get_one(Redemption, id)

    async def ended_at(self, voucher: UUID) -> datetime:
        """Return when the last codes of a voucher ended."""
        rows = select(VoucherRevocation.created_at).where(VoucherRevocation.voucher_id == voucher)
        async with self.world.database.session() as session:
            return max((await session.exec(rows)).all())

    def content(self, voucher: Voucher, shown: ShownCode, code: str, step: int) -> str:
        """Return the content of a QR code with this typed or former code."""
        if shown.code == "WRONG":
            return f"{code}{SEPARATOR}00000000"
        if shown.code != "ROTATING":
            return code
        key = rotating_key(self.world.keys, voucher.id, voucher.generation)
        at = datetime.fromtimestamp(step * STEP_SECONDS, tz=now().tzinfo)
        return f"{code}{SEPARATOR}{rotating_code(key, at)}"

    async def redeem(
        self, voucher: Voucher, shown: ShownCode, former: Mapping[str, str], step: int
    ) -> tuple[str, str, Redemption | None]:
        """Present a voucher, with former codes if there are any. Returns outcome and reason."""
        if shown.code == "TYPED":
            given: dict[str, Any] = {"code": former.get("code", voucher.code)}
        else:
            token = former.get("token", voucher.token)
            given = {"token": self.content(voucher, shown, token, step)}
        if shown.bill:
            given["bill"] = {"reference": shown.bill, "amount": inr(BILL)}
        if shown.amount is not None:
            given["amount"] = inr(shown.amount)
        answer = await self.till.redeem(self.api, **given)
        made = answer["redemption"]
        return answer["outcome"], answer["reason"], await self.redemption(id_of(made))

    def scan(
        self, gadget: int, voucher: Voucher, content: str, clock: timedelta, light: str
    ) -> dict[str, Any]:
        at = (now() + clock).isoformat()
        scan: dict[str, Any] = self.gadgets[gadget].scan(
            voucher, scannedAt=at, token=content, shown=light
        )
        return scan

    async def sync(
        self, gadget: int, clock: timedelta, scans: Sequence[dict[str, Any]]
    ) -> list[Redemption]:
        answers = await self.gadgets[gadget].sync(*scans, clock=now() + clock)
        rows = [await self.redemption(id_of(one)) for one in answers]
        for answer, row in zip(answers, rows, strict=True):
            assert (answer["outcome"], answer["reason"]) == (row.outcome, row.reason)
        return rows

    async def reverse(self, redemption: UUID) -> Codes:
        given = undo(global_id("Redemption", redemption))
        return (await self._do(self.manager, "reverseRedemption", given))[0]

    async def let_pass(self, voucher: UUID) -> datetime:
        """Let the time of a voucher pass. The job is late."""
        at = now()
        this = update(Voucher).where(col(Voucher.id) == voucher)
        async with self.world.database.session() as session, session.begin():
            await session.exec(this.values(expires_at=at))
        return at

    async def expire(self, offer: int) -> None:
        async with Transactions(self.world.database, Unheard()).begin() as session:
            await expire_vouchers(session, self.offers[offer].id)

    async def suspend_vendor(self) -> None:
        assert (await suspend(self.admin, self.till))["errors"] == []

    async def restore_vendor(self) -> None:
        assert (await restore(self.admin, self.till))["errors"] == []

    async def suspend_user(self, user: int) -> None:
        codes, _ = await self._do(self.admin, "suspendUser", suspension(self.users[user]))
        assert codes == []

    async def restore_user(self, user: int) -> None:
        """Restore a user, who signs in again."""
        given = {"userId": gid(self.users[user])}
        assert (await self._do(self.admin, "restoreUser", given))[0] == []
        session = UserSession(id=new_id(), user_id=self.users[user].id)
        await self.world.save(session)
        self.people[user] = self.api.signed_in(self.users[user], session=session)

    async def bills(self) -> dict[str, Bill]:
        rows = select(Bill).where(Bill.vendor_id == self.till.vendor.id)
        async with self.world.database.session() as session:
            return {one.reference: one for one in (await session.exec(rows)).all()}


def id_of(answered: Mapping[str, Any]) -> UUID:
    return UUID(GlobalID.from_id(answered["id"]).node_id)


def global_id(kind: str, id: UUID) -> str:
    return str(GlobalID(kind, str(id)))
