"""Sealed columns: what opens, what does not, and the rotation and loss of keys."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from commands.check import check_all
from commands.keys import KeyChange, KeySetName, change
from commands.start import ensure_keys
from core.ids import new_id
from core.security.key_file import NOT_ENCRYPTED, KeyFile, KeyNotRetirable, KeyNotRotatable, KeySets
from core.security.sealed import SEALED_OVERHEAD, SealBroken, Sealer
from core.security.secret_keys import SecretKeyMissing, SecretPurpose
from core.security.signing_keys import SigningKeys
from core.settings import Settings, SettingsInvalid

COLUMN, ROW, VALUE = "phone.number", new_id(), b"+919820012345"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    KeyFile(tmp_path / "keys.json", NOT_ENCRYPTED).write(KeySets.generate())
    return tmp_path / "keys.json"


def forget_secrets(path: Path) -> None:
    """Write the file as earlier releases did."""
    stored = json.loads(path.read_text())
    for purpose in SecretPurpose:
        del stored[purpose]
    path.write_text(json.dumps(stored))


def test_a_value_opens_in_its_row_and_column_alone(path: Path) -> None:
    sealer = Sealer(SigningKeys.load(path, NOT_ENCRYPTED))
    sealed = sealer.seal(COLUMN, ROW, VALUE)
    assert sealer.open(COLUMN, ROW, sealed) == VALUE
    assert len(sealed) == len(VALUE) + SEALED_OVERHEAD
    assert VALUE not in sealed
    assert sealer.seal(COLUMN, ROW, VALUE) != sealed
    for column, row in (("totp.secret", ROW), (COLUMN, new_id())):
        with pytest.raises(SealBroken):
            sealer.open(column, row, sealed)


def test_no_changed_byte_is_accepted(path: Path) -> None:
    sealer = Sealer(SigningKeys.load(path, NOT_ENCRYPTED))
    sealed = sealer.seal(COLUMN, ROW, VALUE)
    changed = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for bad in (*changed, b"", sealed[:-1], sealed[: SEALED_OVERHEAD - 1], sealed + b"\0"):
        with pytest.raises(SealBroken):
            sealer.open(COLUMN, ROW, bad)


def test_old_keys_open_after_a_rotation(path: Path) -> None:
    """A process that has not read the new key yet reads it at the first value of it."""
    here, there = (
        Sealer(SigningKeys.load(path, NOT_ENCRYPTED)),
        SigningKeys.load(path, NOT_ENCRYPTED),
    )
    old = here.seal(COLUMN, ROW, VALUE)
    sets = change(
        KeyFile(path, NOT_ENCRYPTED).read(), KeyChange(rotate=True, name=KeySetName.FIELD)
    )
    assert sets.by_purpose == KeyFile(path, NOT_ENCRYPTED).read().by_purpose
    assert sets.secrets.current(SecretPurpose.FIELD).id == old[1:5]  # not published everywhere
    newest = sets.secrets.rotated(SecretPurpose.FIELD, used_from=0)
    KeyFile(path, NOT_ENCRYPTED).write(KeySets(sets.by_purpose, secrets=newest))
    reloaded = Sealer(SigningKeys.load(path, NOT_ENCRYPTED))
    new = reloaded.seal(COLUMN, ROW, VALUE)
    assert new[1:5] != old[1:5]
    for sealer in (here, reloaded, Sealer(there)):
        assert sealer.open(COLUMN, ROW, old) == sealer.open(COLUMN, ROW, new) == VALUE
    assert here.lookup("PHONE", "x") == reloaded.lookup("PHONE", "x")


def test_a_hash_depends_on_the_key_and_the_kind(path: Path) -> None:
    sealer, other = Sealer(SigningKeys.load(path, NOT_ENCRYPTED)), Sealer(SigningKeys.generate())
    hashed = sealer.hash("PHONE", "+919820012345")
    assert len(hashed) == 32
    others = [
        other.hash("PHONE", "+919820012345"),
        sealer.hash("EMAIL", "+919820012345"),
        sealer.hash("PHONE", "+919820012346"),
    ]
    assert len({hashed, *others}) == 4


def rotated(sets: KeySets, purpose: SecretPurpose, used_from: int = 0) -> KeySets:
    return replace(sets, secrets=sets.secrets.rotated(purpose, used_from=used_from))


@pytest.mark.parametrize("purpose", SecretPurpose)
def test_a_symmetric_key_is_retired_once_no_server_uses_it(purpose: SecretPurpose) -> None:
    sets, name = KeySets.generate(), KeySetName(purpose.value)
    (old,) = sets.secrets.live(purpose)
    for kid, reason in (("00000000", "no .* key"), (old.id.hex(), "newest")):
        with pytest.raises(KeyNotRetirable, match=reason):
            change(sets, KeyChange(retire=kid, name=name))
    new = change(sets, KeyChange(rotate=True, name=name))
    with pytest.raises(KeyNotRetirable, match="Servers may still use"):
        change(new, KeyChange(retire=old.id.hex(), name=name))
    left = change(rotated(sets, purpose), KeyChange(retire=old.id.hex()))
    assert old not in left.secrets.live(purpose)
    assert len(left.secrets.live(purpose)) == 1


def test_lookups_are_rotated_by_name_and_one_rotation_at_a_time() -> None:
    sets, lookups = KeySets.generate(), KeyChange(rotate=True, name=KeySetName.LOOKUP)
    together = change(sets, KeyChange(rotate=True)).secrets
    assert len(together.live(SecretPurpose.FIELD)) == 2
    assert len(together.live(SecretPurpose.LOOKUP)) == 1
    old = sets.secrets.current(SecretPurpose.LOOKUP).id.hex()
    with pytest.raises(KeyNotRotatable, match=f"First retire {old}"):
        change(change(sets, lookups), lookups)
    left = change(rotated(sets, SecretPurpose.LOOKUP), KeyChange(retire=old))
    with pytest.raises(KeyNotRotatable, match="has just finished"):
        change(left, lookups)


def test_servers_with_neighbouring_files_find_each_others_values() -> None:
    """Files are copied one after the other: some servers have one of before or after."""
    before = KeySets.generate()
    during = rotated(before, SecretPurpose.LOOKUP)
    old = before.secrets.current(SecretPurpose.LOOKUP).id.hex()
    after = change(during, KeyChange(retire=old))
    one, two, three = (Sealer(SigningKeys(sets)) for sets in (before, during, after))
    first, second, third = (sealer.lookup("PHONE", "+1") for sealer in (one, two, three))
    assert first.oldest == second.oldest
    assert second.newest == third.newest
    assert first.oldest != third.oldest
    assert first.newest != third.newest
    others = two.lookup("PHONE", "+2")
    assert others.oldest != second.oldest
    assert others.newest != second.newest


def test_a_hash_of_a_short_lived_value_outlives_the_switch_to_a_new_key() -> None:
    before = KeySets.generate()
    during = Sealer(SigningKeys(rotated(before, SecretPurpose.LOOKUP)))
    hashed = Sealer(SigningKeys(before)).hash("CODE", "123456")
    assert during.hash("CODE", "123456") != hashed
    assert during.matches(hashed, "CODE", "123456")
    assert not during.matches(hashed, "CODE", "123457")


async def test_a_file_of_an_earlier_release_is_completed(
    path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """In development at the start, in production by `haat keys`."""
    own = settings.model_copy(update={"keys_file": path, "environment": "production"})
    forget_secrets(path)
    with pytest.raises(SecretKeyMissing):
        Sealer(SigningKeys.load(path, NOT_ENCRYPTED)).seal(COLUMN, ROW, VALUE)
    with pytest.raises(SettingsInvalid, match="without field and lookup keys"):
        ensure_keys(own)
    await check_all(own)
    assert "without field and lookup keys" in capsys.readouterr().out.replace("\n", " ")
    old = KeyFile(path, NOT_ENCRYPTED).read()
    ensure_keys(own.model_copy(update={"environment": "development"}))
    assert KeyFile(path, NOT_ENCRYPTED).read().secrets.missing == []
    assert KeyFile(path, NOT_ENCRYPTED).read().by_purpose == old.by_purpose
    completed = change(old, KeyChange())
    assert completed.secrets.missing == []
    assert change(completed, KeyChange()) is completed
