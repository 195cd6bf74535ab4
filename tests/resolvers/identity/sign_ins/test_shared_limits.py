"""The limits that all callers share: mails with a link or a code, and sign-ins of a network."""

from collections.abc import Awaitable, Callable

import pytest
from starlette.applications import Starlette

from core.limits.buckets import TokenBucket
from tests.apps import endpoint_of
from tests.client import Client, gid
from tests.factories.identity import PASSWORD
from tests.factories.members import address
from tests.factories.world import World

Ask = Callable[[], Awaitable[list[str]]]


async def test_all_mails_together_are_limited(
    world: World, api: Client, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address is new, so no other limit refuses."""
    limits = endpoint_of(app).app.registration_limits
    owner = await world.user()
    vendor = await world.vendor(owner)

    async def register() -> list[str]:
        account = {"email": address(), "name": "Asha", "password": PASSWORD}
        return await api.mutation_failed("register", account)

    async def reset() -> list[str]:
        return await api.mutation_failed("requestPasswordReset", {"email": address()})

    async def change() -> list[str]:
        return await api.signed_in(owner).mutation_failed("changeEmail", {"email": address()})

    async def invite() -> list[str]:
        given = {"vendorId": gid(vendor), "email": address(), "role": "STAFF"}
        return await api.signed_in(owner).mutation_failed("inviteMember", given)

    ways: list[Ask] = [register, reset, change, invite]
    with monkeypatch.context() as patched:
        patched.setattr(limits, "_all_mails", TokenBucket.of(1, minutes=24 * 60))
        await reset()  # fills the bucket, unless another test has
        assert [await way() for way in ways] == [["RATE_LIMITED"]] * len(ways)
    assert [await way() for way in ways] == [[]] * len(ways)


async def test_sign_ins_that_are_started_are_limited(
    api: Client, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = endpoint_of(app).app.start_limits
    monkeypatch.setattr(limits, "_network", TokenBucket.of(1, minutes=15))
    given = {"purpose": "LOG_IN"}
    await api.mutation_failed("startPasskey", given)
    assert await api.mutation_failed("startPasskey", given) == ["RATE_LIMITED"]
    start = {
        "provider": "GOOGLE",
        "purpose": "LOG_IN",
        "redirectUrl": "https://shop.example/signed-in",
        "codeChallenge": "c" * 43,
    }
    assert await api.mutation_failed("startProvider", start) == ["RATE_LIMITED"]
