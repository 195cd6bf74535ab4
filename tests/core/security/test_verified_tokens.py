"""A token is verified once, and only as long as its key verifies."""

import time
from pathlib import Path

import pytest
from joserfc import jwt

from core.ids import new_id
from core.security import signing_keys
from core.security.key_file import NOT_ENCRYPTED, Purpose
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired
from core.security.verified_tokens import VerifiedToken, VerifiedTokens


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the tokens whose signature is verified."""
    found: list[str] = []
    decode = jwt.decode

    def record(token: str, *more: object, **others: object) -> object:
        found.append(token)
        return decode(token, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr("core.security.signing_keys.jwt.decode", record)
    return found


def sign(keys: SigningKeys, minutes: float = 15) -> str:
    return keys.sign_access(new_id(), new_id(), minutes)[0]


def test_a_token_is_verified_once(decoded: list[str]) -> None:
    keys = SigningKeys.generate()
    token = sign(keys)
    assert keys.read_access(token) == keys.read_access(token)
    assert decoded == [token]


def test_an_expired_token_is_refused_after_it_was_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = SigningKeys.generate()
    token = sign(keys)
    claims = keys.read_access(token)
    monkeypatch.setattr("time.time", lambda: claims.expires + 31)
    with pytest.raises(TokenExpired):
        keys.read_access(token)
    assert len(keys._verified) == 0


def test_new_keys_refuse_the_tokens_of_retired_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.json"
    SigningKeys.generate().save(path, NOT_ENCRYPTED)
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    token = sign(keys)
    keys.read_access(token)
    SigningKeys.generate().save(path, NOT_ENCRYPTED)
    monkeypatch.setattr(signing_keys, "RELOAD_SECONDS", 0.0)
    with pytest.raises(BadSignature):
        keys.read_access(token)


def test_a_key_that_no_longer_verifies_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = SigningKeys.generate()
    token = sign(keys)
    keys.read_access(token)
    monkeypatch.setattr(type(keys.sets), "verifies", lambda *_: False)
    with pytest.raises(BadSignature):
        keys.read_access(token)


def test_a_token_of_another_type_is_not_remembered() -> None:
    keys = SigningKeys.generate()
    keys.read_voucher(voucher := keys.sign_voucher(new_id(), 1))
    assert keys._verified.find(voucher) is None
    assert keys.sets.signing_key(Purpose.VOUCHER)


def test_the_oldest_token_is_forgotten() -> None:
    verified: VerifiedTokens[int] = VerifiedTokens(max_tokens=2)
    for number in range(3):
        verified.add(str(number), VerifiedToken("key", 4_000_000_000, number))
    assert [verified.find(str(number)) is None for number in range(3)] == [True, False, False]


def test_a_long_token_is_not_kept() -> None:
    verified: VerifiedTokens[int] = VerifiedTokens()
    verified.add("x" * 1_001, VerifiedToken("key", 4_000_000_000, 1))
    assert len(verified) == 0


def test_the_code_of_a_voucher_is_verified_once_a_minute(
    decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, voucher_id = SigningKeys.generate(), new_id()
    code = keys.sign_voucher(voucher_id, 2)
    assert keys.read_voucher(code) == keys.read_voucher(code) == (voucher_id, 2)
    assert decoded == [code]
    later = time.time() + 61
    monkeypatch.setattr("time.time", lambda: later)
    assert keys.read_voucher(code) == (voucher_id, 2)
    assert decoded == [code] * 2
    monkeypatch.setattr(type(keys.sets), "verifies", lambda *_: False)
    with pytest.raises(BadSignature):
        keys.read_voucher(code)
