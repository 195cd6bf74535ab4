"""The keys of limits: users by id, anonymous callers by network, accounts before addresses."""

import hashlib
from uuid import UUID

from core.limits import keys
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from models.identity.addresses import EMAIL

LILY, OTHER = UUID(int=1), UUID(int=2)


def test_an_address_without_an_account_is_counted_by_a_keyed_hash() -> None:
    sealer, other = Sealer(SigningKeys.generate()), Sealer(SigningKeys.generate())

    def key_of(email: str, sealer: Sealer = sealer) -> keys.LimitKey:
        return keys.of_hash(sealer.hash(EMAIL, email))

    key = key_of("unknown@haat.example")
    assert key == key_of("unknown@haat.example")
    assert key not in {key_of("other@haat.example"), key_of("unknown@haat.example", other)}
    assert "unknown@" not in key
    assert hashlib.sha256(b"unknown@haat.example").hexdigest() not in key
    assert len(key_of("x" * 100_000)) == len(key)
    assert len(key_of("half of an emoji: \ud83d")) == len(key)


def test_addresses_of_one_network_have_one_key() -> None:
    assert keys.of_network("2001:db8::1") == keys.of_network("2001:db8::ffff:2")
    assert keys.of_network("198.51.100.1") != keys.of_network("198.51.100.2")
    account = keys.of_account(LILY)
    assert keys.of_pair(account, "2001:db8::1") == keys.of_pair(account, "2001:db8::2")


def test_keys_of_different_things_differ() -> None:
    network, account = keys.of_network("198.51.100.1"), keys.of_account(LILY)
    made = [
        keys.of_user(LILY),
        keys.of_api_token(LILY),
        network,
        account,
        keys.of_account(OTHER),
        keys.of_hash(bytes(32)),
        keys.of_all(),
        keys.of_pair(account, "198.51.100.1"),
        keys.of_act("log-in", network),
        keys.of_act("log-in", account),
    ]
    assert len(set(made)) == len(made)
