"""Many guesses of one code at once: five are compared, and a right one is good once."""

import asyncio
from collections import Counter

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.identity.mailbox import wrong
from tests.resolvers.identity.phones.test_phone_codes import ask, code_of, log_in, new_number, own

GUESSES = 25


async def try_at_once(
    world: World, api: Client, keys: SigningKeys, *, right: bool, times: int
) -> Counter[str]:
    sealer, number = Sealer(keys), new_number()
    await own(world, sealer, number)
    secret = await ask(api, "requestLoginCode", number)
    code = await code_of(world, sealer)
    tried = code if right else wrong(code)
    answers = await asyncio.gather(*(log_in(api, secret, tried) for _ in range(times)))
    return Counter(codes[0] if codes else "OK" for codes in answers)


async def test_five_of_many_guesses_are_compared(
    world: World, api: Client, keys: SigningKeys
) -> None:
    answers = await try_at_once(world, api, keys, right=False, times=GUESSES)
    assert answers == {"CODE_WRONG": 5, "CODE_ENDED": GUESSES - 5}


async def test_a_right_code_is_good_once(world: World, api: Client, keys: SigningKeys) -> None:
    assert await try_at_once(world, api, keys, right=True, times=4) == {"OK": 1, "CODE_ENDED": 3}
