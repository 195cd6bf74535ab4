"""Wrong codes are limited, and all of them are answered alike."""

import asyncio
from typing import Any

import pytest

from core.security.codes import new_code
from services.fraud.assessing import Assessor
from services.redemptions import code_limits
from services.redemptions.code_limits import WRONG_PER_TILL, WRONG_SECONDS
from services.viewer import Viewer
from tests.client import Client
from tests.factories.redemptions import ANSWER, Till
from tests.factories.world import World

REDEEM = f"""mutation ($input: RedeemVoucherInput!) {{
  redeemVoucher(input: $input) {{ {ANSWER} errors {{ code }} }}
}}"""


VOUCHER = "query ($code: String) { voucher(code: $code) { id } }"


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer wrong codes without the wait, whose length another test checks."""
    monkeypatch.setattr(code_limits, "WRONG_SECONDS", 0.0)


async def test_the_guess_after_the_tenth_is_refused(till: Till, api: Client) -> None:
    voucher, client = await till.voucher(), api.signed_in(till.scanner)
    for _ in range(WRONG_PER_TILL):
        assert (await till.redeem(api, code=new_code()))["reason"] == "UNKNOWN"
    for code in (new_code(), voucher.code):
        assert await client.failed(REDEEM, input=till.scan(code=code)) == ["RATE_LIMITED"]
    assert len(await till.attempts()) == WRONG_PER_TILL
    assert (await till.redeem(api, token=voucher.token))["reason"] == "APPROVED"


async def test_outsiders_do_not_use_up_the_codes_of_a_vendor(
    till: Till, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even while their calls last. A right code is NOT_FOUND for them as a wrong one is."""
    voucher, here, come = await till.voucher(), asyncio.Event(), asyncio.Event()
    assess, waiting = Assessor.assess, 0

    async def assess_later(
        self: Assessor, fetch: Any, viewer: Viewer, *args: Any, **given: Any
    ) -> Any:
        nonlocal waiting
        if viewer.user_id != till.scanner.id:
            waiting += 1
            if waiting == 3 * WRONG_PER_TILL:
                here.set()
            await come.wait()
        return await assess(self, fetch, viewer, *args, **given)

    monkeypatch.setattr(Assessor, "assess", assess_later)
    outsiders = [api.signed_in(await till.world.user()) for _ in range(3)]
    codes = [*(new_code() for _ in range(WRONG_PER_TILL - 1)), voucher.code]
    calls = [
        asyncio.create_task(client.refusal_codes("redeemVoucher", till.scan(code=code)))
        for client in outsiders
        for code in codes
    ]
    async with asyncio.timeout(30):
        await here.wait()
    assert (await till.redeem(api, code=voucher.code))["reason"] == "APPROVED"
    come.set()
    assert await asyncio.gather(*calls) == [["NOT_FOUND"]] * len(calls)


async def test_a_voucher_by_its_code_shares_the_limit(
    till: Till, api: Client, at_once: None
) -> None:
    voucher, client = await till.voucher(), api.signed_in(till.scanner)
    foreign = await (await Till.open(till.world)).voucher()
    guesses = [new_code(), foreign.code] * (WRONG_PER_TILL // 2 - 1)
    for code in guesses:
        assert await client.ask(VOUCHER, code=code) == {"voucher": None}
    assert (await client.ask(VOUCHER, code=voucher.code))["voucher"] is not None
    for _ in range(2):
        assert (await till.redeem(api, code=new_code()))["reason"] == "UNKNOWN"
    for code in (new_code(), foreign.code, voucher.code):
        assert await client.failed(VOUCHER, code=code) == ["RATE_LIMITED"]
        assert await client.failed(REDEEM, input=till.scan(code=code)) == ["RATE_LIMITED"]
    owner = api.signed_in(till.customer)
    for code in [new_code() for _ in range(WRONG_PER_TILL + 1)]:
        assert await owner.ask(VOUCHER, code=code) == {"voucher": None}
    assert (await owner.ask(VOUCHER, code=voucher.code))["voucher"] is not None


async def test_members_share_the_limit_of_their_vendor(
    till: Till, api: Client, at_once: None
) -> None:
    voucher = await till.voucher()
    members = [api.signed_in(await till.staff()) for _ in range(4)]
    for client in members[:3]:
        for _ in range(WRONG_PER_TILL):
            assert await client.ask(VOUCHER, code=new_code()) == {"voucher": None}
    assert await members[3].failed(VOUCHER, code=new_code()) == ["RATE_LIMITED"]
    assert await members[3].failed(VOUCHER, code=voucher.code) == ["RATE_LIMITED"]


async def test_parallel_guesses_cannot_all_pass(till: Till, api: Client) -> None:
    client = api.signed_in(till.scanner)
    calls = [client.failed(REDEEM, input=till.scan(code=new_code())) for _ in range(20)]
    answers = await asyncio.gather(*calls)
    assert answers.count(["RATE_LIMITED"]) == 20 - WRONG_PER_TILL


async def test_right_codes_and_slips_are_not_counted(till: Till, api: Client) -> None:
    offer = await till.world.offer(till.vendor)
    for number in range(WRONG_PER_TILL + 1):
        user = await till.world.user()
        voucher = await till.world.voucher(offer, user)
        assert (await till.redeem(api, code=voucher.code))["reason"] == "APPROVED"
        assert (await till.redeem(api, code=f"AAAAA-AAAA{number}"))["reason"] == "UNKNOWN"


async def test_all_wrong_codes_take_the_same_time(
    till: Till, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits until the same time has passed since its beginning, however long its work was."""
    waited: list[float] = []

    class SteppedTime:
        """Counts what the work takes, and notes what is waited for."""

        moment = 0.0

        @classmethod
        def monotonic(cls) -> float:
            cls.moment += 0.01
            return cls.moment

        @staticmethod
        async def sleep(seconds: float) -> None:
            waited.append(seconds)

    monkeypatch.setattr(code_limits, "monotonic", SteppedTime.monotonic)
    monkeypatch.setattr(code_limits, "asyncio", SteppedTime)
    foreign = await (await Till.open(till.world)).voucher()
    codes = (new_code(), foreign.code, "0")
    answers = [await till.redeem(api, code=code) for code in codes]
    assert waited == [pytest.approx(WRONG_SECONDS - 0.01)] * 3
    for answer in answers:
        del answer["redemption"]["id"]
    assert answers[0] == answers[1] == answers[2]
    own = await till.voucher()
    await till.redeem(api, code=own.code)
    assert len(waited) == 3
    for code in codes:
        assert await api.signed_in(till.scanner).ask(VOUCHER, code=code) == {"voucher": None}
    assert waited == [pytest.approx(WRONG_SECONDS - 0.01)] * 6
    await api.signed_in(till.scanner).ask(VOUCHER, code=own.code)
    assert len(waited) == 6
