"""The key file: sets per purpose, rotation, retirement, and damage while servers run."""

import json
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from commands.key_list import describe_keys
from core.ids import new_id
from core.security import key_file, signing_keys
from core.security.key_file import (
    NOT_ENCRYPTED,
    PUBLISH_SECONDS,
    RETIRING_SECONDS,
    KeyFile,
    KeyFileInvalid,
    KeyNotRetirable,
    KeySets,
    Purpose,
)
from core.security.signing_keys import RELOAD_SECONDS, BadSignature, SigningKeys


class KeyClock:
    """The wall clock and the monotonic clock of the keys."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.passed = 1_800_000_000.0, 1_000.0
        monkeypatch.setattr(key_file, "time", self)
        monkeypatch.setattr(signing_keys, "time", self)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.passed

    def forward(self, seconds: float) -> None:
        self.now += seconds
        self.passed += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> KeyClock:
    return KeyClock(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    KeyFile(path, NOT_ENCRYPTED).write(KeySets.generate())
    return path


def rotate(path: Path, *purposes: Purpose) -> None:
    sets = KeyFile(path, NOT_ENCRYPTED).read()
    for purpose in purposes or Purpose:
        sets = sets.rotated(purpose)
    KeyFile(path, NOT_ENCRYPTED).write(sets)


def retire(path: Path, kid: str, purpose: Purpose | None = None) -> None:
    KeyFile(path, NOT_ENCRYPTED).write(KeyFile(path, NOT_ENCRYPTED).read().retired(kid, purpose))


def write_shared(path: Path) -> SigningKeys:
    """Write a file as earlier releases did: one JWK set for all purposes."""
    key = KeySets.generate().signing_key(Purpose.ACCESS)
    path.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    return SigningKeys.load(path, NOT_ENCRYPTED)


def public_kids(keys: SigningKeys) -> set[str]:
    return {key["kid"] for key in keys.public()["keys"]}


def kid_of(token: str) -> str:
    header = token.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"])


def access(keys: SigningKeys) -> str:
    return keys.sign_access(new_id(), new_id(), 15)[0]


def voucher(keys: SigningKeys) -> str:
    return keys.sign_voucher(new_id(), 1)


def test_each_purpose_has_a_key_of_its_own(path: Path) -> None:
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    ticket = keys.sign_ticket(new_id(), new_id(), 1)
    admission = keys.sign_admission(new_id(), new_id(), 4_000_000_000)
    link = keys.sign_link({}, 4_000_000_000)
    tokens = access(keys), voucher(keys), ticket, admission, link
    assert len({kid_of(token) for token in tokens}) == len(Purpose)
    assert public_kids(keys) == {kid_of(token) for token in tokens}


def test_a_rotated_key_is_published_before_it_signs(path: Path, clock: KeyClock) -> None:
    """A running server finds it within 30 seconds, without any token that does not verify."""
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    old = kid_of(access(keys))
    rotate(path, Purpose.ACCESS)
    clock.forward(RELOAD_SECONDS - 1)
    assert len(public_kids(keys)) == len(Purpose)
    clock.forward(1)
    assert len(public_kids(keys)) == len(Purpose) + 1
    assert kid_of(access(keys)) == old
    clock.forward(PUBLISH_SECONDS - RELOAD_SECONDS - 1)
    assert kid_of(access(keys)) == old
    clock.forward(1)
    assert kid_of(access(keys)) != old


def test_servers_with_the_old_and_the_new_file_accept_each_others_tokens(
    path: Path, clock: KeyClock
) -> None:
    here = SigningKeys.load(path, NOT_ENCRYPTED)
    rotate(path)
    elsewhere = SigningKeys.load(path, NOT_ENCRYPTED)
    for _ in range(10):
        for signer, verifier in ((here, elsewhere), (elsewhere, here)):
            verifier.read_access(access(signer))
            verifier.read_voucher(voucher(signer))
        clock.forward(PUBLISH_SECONDS / 5)


def test_an_old_access_key_verifies_until_its_last_token_has_expired(
    path: Path, clock: KeyClock
) -> None:
    old = SigningKeys.load(path, NOT_ENCRYPTED)
    printed, old_kid = voucher(old), kid_of(access(old))
    rotate(path)
    clock.forward(PUBLISH_SECONDS + 3600)
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    keys.read_access(access(old_signer := SigningKeys(old._sets)))
    clock.forward(RETIRING_SECONDS)
    with pytest.raises(BadSignature):
        keys.read_access(access(old_signer))
    keys.read_voucher(printed)
    rotate(path)
    assert old_kid not in public_kids(SigningKeys.load(path, NOT_ENCRYPTED))
    SigningKeys.load(path, NOT_ENCRYPTED).read_voucher(printed)


def test_a_retired_access_key_leaves_vouchers_valid(path: Path, clock: KeyClock) -> None:
    """On a running server within 30 seconds, and the new key signs at once."""
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    stolen, printed = access(keys), voucher(keys)
    rotate(path, Purpose.ACCESS)
    retire(path, kid_of(stolen))
    clock.forward(RELOAD_SECONDS)
    with pytest.raises(BadSignature):
        keys.read_access(stolen)
    keys.read_voucher(printed)
    assert kid_of(access(keys)) != kid_of(stolen)
    keys.read_access(access(keys))


def test_the_only_key_and_unknown_keys_are_not_retired(path: Path) -> None:
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    for kid in (kid_of(access(keys)), kid_of(voucher(keys)), "unknown", ""):
        with pytest.raises(KeyNotRetirable):
            retire(path, kid)
    rotate(path)
    with pytest.raises(KeyNotRetirable, match="no key"):
        retire(path, kid_of(voucher(keys)), Purpose.ACCESS)
    retire(path, kid_of(voucher(keys)), Purpose.VOUCHER)


def test_a_file_with_one_set_is_read(tmp_path: Path) -> None:
    keys = write_shared(tmp_path / "keys.json")
    keys.read_access(access(keys))
    keys.read_voucher(voucher(keys))
    assert len(public_kids(keys)) == 1


def test_a_file_with_one_set_is_separated_and_printed_vouchers_stay_valid(
    tmp_path: Path, clock: KeyClock
) -> None:
    path = tmp_path / "keys.json"
    shared = write_shared(path)
    printed, shared_kid = voucher(shared), kid_of(access(shared))
    KeyFile(path, NOT_ENCRYPTED).write(KeyFile(path, NOT_ENCRYPTED).read().separated())
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    assert kid_of(access(keys)) == kid_of(voucher(keys)) == shared_kid
    clock.forward(PUBLISH_SECONDS)
    assert kid_of(access(keys)) != shared_kid
    with pytest.raises(KeyNotRetirable, match="several purposes: access, link, voucher"):
        retire(path, shared_kid)
    retire(path, shared_kid, Purpose.ACCESS)
    clock.forward(RELOAD_SECONDS)
    with pytest.raises(BadSignature):
        keys.read_access(access(SigningKeys(shared._sets)))
    keys.read_voucher(printed)
    assert KeyFile(path, NOT_ENCRYPTED).read().separated() == KeyFile(path, NOT_ENCRYPTED).read()


DAMAGES = {
    "gone": None,
    "empty": "",
    "half written": '{"access": [{"key": {"kty"',
    "no object": "[]",
    "a number": "1",
    "no keys": '{"keys": []}',
    "a set missing": '{"access": [], "link": []}',
    "no private key": '{"keys": [{"kty": "EC"}]}',
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_leaves_the_keys_in_memory(path: Path, clock: KeyClock, damage: str) -> None:
    """Logged once, also if every request brings a token that does not verify."""
    keys = SigningKeys.load(path, NOT_ENCRYPTED)
    token, good, text = access(keys), path.read_text(), DAMAGES[damage]
    path.unlink()
    if text is not None:
        path.write_text(text)
        with pytest.raises(KeyFileInvalid):
            SigningKeys.load(path, NOT_ENCRYPTED)
    with capture_logs() as logged:
        for _ in range(5):
            clock.forward(RELOAD_SECONDS)
            keys.read_access(token)
            with pytest.raises(BadSignature):
                keys.read_access("bad.bad.bad")
    assert [line["event"] for line in logged] == ["keys.unreadable"]
    path.write_text(good)
    rotate(path)
    clock.forward(RELOAD_SECONDS)
    assert len(public_kids(keys)) == 2 * len(Purpose)


def test_keys_rotated_by_another_process_are_loaded_at_their_first_token(path: Path) -> None:
    here = SigningKeys.load(path, NOT_ENCRYPTED)
    rotate(path)
    retire(path, kid_of(voucher(here)))
    elsewhere = SigningKeys.load(path, NOT_ENCRYPTED)
    token = voucher(elsewhere)
    assert here.read_voucher(token) == elsewhere.read_voucher(token)


def test_the_key_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    keys = SigningKeys.generate()
    keys.save(path, NOT_ENCRYPTED)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    keys.save(path, NOT_ENCRYPTED)
    assert path.stat().st_mode & 0o777 == 0o600
    token = voucher(keys)
    assert SigningKeys.load(path, NOT_ENCRYPTED).read_voucher(token) == keys.read_voucher(token)


def test_the_list_names_each_key_and_what_it_does(path: Path, clock: KeyClock) -> None:
    old = KeyFile(path, NOT_ENCRYPTED).read().signing_key(Purpose.ACCESS).kid
    rotate(path, Purpose.ACCESS)
    sets = KeyFile(path, NOT_ENCRYPTED).read()
    new, linking = sets.by_purpose[Purpose.ACCESS][0].key.kid, sets.signing_key(Purpose.LINK).kid
    lines = describe_keys(sets, clock.now).splitlines()
    assert len(lines) == 8
    assert lines[0] == f"access    {new}  signs from 2027-01-15 08:06 UTC"
    assert lines[1:3] == [f"access    {old}  signs", f"link      {linking}  signs"]
    secrets = [keys[0].id.hex() for keys in sets.secrets.by_purpose.values()]
    assert lines[6:] == [f"field     {secrets[0]}  seals", f"lookup    {secrets[1]}  hashes"]
    clock.forward(PUBLISH_SECONDS)
    lines = describe_keys(sets, clock.now).splitlines()
    assert lines[0] == f"access    {new}  signs"
    assert lines[1] == f"access    {old}  verifies until 2027-01-15 10:06 UTC"
