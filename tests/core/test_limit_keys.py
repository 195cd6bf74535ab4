"""The keys of limits: users by id, anonymous callers by network, accounts before addresses."""

from uuid import UUID

from core.limits import keys

LILY, OTHER = UUID(int=1), UUID(int=2)


def test_an_account_is_counted_by_its_user_however_the_address_is_spelled() -> None:
    assert keys.of_account(LILY, "lİly@haat.example") == keys.of_account(LILY, "lily@haat.example")
    assert keys.of_account(LILY, "a@haat.example") != keys.of_account(OTHER, "a@haat.example")


def test_an_address_without_an_account_is_counted_by_a_short_hash() -> None:
    key = keys.of_account(None, "unknown@haat.example")
    assert key != keys.of_account(None, "other@haat.example")
    assert "unknown@" not in key
    assert len(keys.of_account(None, "x" * 100_000)) == len(key)
    assert len(keys.of_account(None, "half of an emoji: \ud83d")) == len(key)


def test_addresses_of_one_network_have_one_key() -> None:
    assert keys.of_network("2001:db8::1") == keys.of_network("2001:db8::ffff:2")
    assert keys.of_network("198.51.100.1") != keys.of_network("198.51.100.2")
    account = keys.of_account(LILY, "")
    assert keys.of_pair(account, "2001:db8::1") == keys.of_pair(account, "2001:db8::2")


def test_keys_of_different_things_differ() -> None:
    network, account = keys.of_network("198.51.100.1"), keys.of_account(LILY, "")
    made = [
        keys.of_user(LILY),
        keys.of_api_token(LILY),
        network,
        account,
        keys.of_account(None, "a@haat.example"),
        keys.of_pair(account, "198.51.100.1"),
        keys.of_act("log-in", network),
        keys.of_act("log-in", account),
    ]
    assert len(set(made)) == len(made)
