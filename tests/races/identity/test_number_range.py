"""One code is tried for many numbers of a range at once: thirty of the tries are compared."""

from itertools import count

import pytest

from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.identity.phones import CHALLENGE_COLUMN, PhoneChallenge, PhonePurpose
from services.identity.phones import phone_proofs
from services.identity.phones.phone_codes import CODE, PHONE
from services.identity.phones.phone_guesses import WRONG_PER_BLOCK
from tests.client import Client
from tests.factories.world import World
from tests.races.crowd import at_once, tally

NUMBERS = 40
BLOCKS = count(1)


async def ask_for_all(world: World, keys: SigningKeys) -> list[str]:
    """Store requests for all numbers of a range, as many networks would. Returns their secrets."""
    sealer, block = Sealer(keys), f"+9196{next(BLOCKS):04}"
    secrets, rows = [], []
    for last in range(NUMBERS):
        number, id, secret = f"{block}{last:04}", new_id(), str(new_id())
        secrets.append(secret)
        rows.append(
            PhoneChallenge(
                id=id,
                purpose=PhonePurpose.LOG_IN,
                number=sealer.seal(CHALLENGE_COLUMN, id, number.encode()),
                lookup=sealer.lookup_hash(PHONE, number),
                secret_hash=hash_secret(secret),
                code_hash=sealer.lookup_hash(CODE, f"{id}:123456"),
            )
        )
    await world.save(*rows)
    return secrets


async def try_one_code(world: World, clients: list[Client], keys: SigningKeys) -> dict[str, int]:
    secrets = await ask_for_all(world, keys)
    return tally(
        await at_once(
            clients[number % 2].do("logInWithCode", {"challengeId": secret, "code": "000000"})
            for number, secret in enumerate(secrets)
        )
    )


async def test_thirty_of_forty_guesses_are_compared(
    world: World, clients: list[Client], keys: SigningKeys
) -> None:
    """In two processes, which would allow thirty each while they wait too long for Redis."""
    answers = await try_one_code(world, clients, keys)
    assert answers == {"CODE_WRONG": WRONG_PER_BLOCK, "CODE_ENDED": NUMBERS - WRONG_PER_BLOCK}


async def test_without_the_limit_all_are(
    world: World, api: Client, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: five tries of each number are no limit of the range."""

    async def unlimited(*_: object) -> bool:
        return True

    monkeypatch.setattr(phone_proofs, "charge_guess", unlimited)
    assert await try_one_code(world, [api, api], keys) == {"CODE_WRONG": NUMBERS}
