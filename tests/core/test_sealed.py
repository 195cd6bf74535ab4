"""Sealed columns: what opens, what does not, and the rotation and loss of keys."""

import json
from pathlib import Path

import pytest

from commands.check import check_all
from commands.keys import KeySetName, change
from commands.start import ensure_keys
from core.ids import new_id
from core.security.key_file import KeyFile, KeyNotRetirable, KeySets
from core.security.sealed import SEALED_OVERHEAD, SealBroken, Sealer
from core.security.secret_keys import SecretKeyMissing, SecretPurpose
from core.security.signing_keys import SigningKeys
from core.settings import Settings, SettingsInvalid

COLUMN, ROW, VALUE = "phone.number", new_id(), b"+919820012345"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    KeyFile(tmp_path / "keys.json").write(KeySets.generate())
    return tmp_path / "keys.json"


def forget_secrets(path: Path) -> None:
    """Write the file as earlier releases did."""
    stored = json.loads(path.read_text())
    for purpose in SecretPurpose:
        del stored[purpose]
    path.write_text(json.dumps(stored))


def test_a_value_opens_in_its_row_and_column_alone(path: Path) -> None:
    sealer = Sealer(SigningKeys.load(path))
    sealed = sealer.seal(COLUMN, ROW, VALUE)
    assert sealer.open(COLUMN, ROW, sealed) == VALUE
    assert len(sealed) == len(VALUE) + SEALED_OVERHEAD
    assert VALUE not in sealed
    assert sealer.seal(COLUMN, ROW, VALUE) != sealed
    for column, row in (("totp.secret", ROW), (COLUMN, new_id())):
        with pytest.raises(SealBroken):
            sealer.open(column, row, sealed)


def test_no_changed_byte_is_accepted(path: Path) -> None:
    sealer = Sealer(SigningKeys.load(path))
    sealed = sealer.seal(COLUMN, ROW, VALUE)
    changed = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for bad in (*changed, b"", sealed[:-1], sealed[: SEALED_OVERHEAD - 1], sealed + b"\0"):
        with pytest.raises(SealBroken):
            sealer.open(COLUMN, ROW, bad)


def test_old_keys_open_after_a_rotation(path: Path) -> None:
    """A process that has not read the new key yet reads it at the first value of it."""
    here, there = Sealer(SigningKeys.load(path)), SigningKeys.load(path)
    old = here.seal(COLUMN, ROW, VALUE)
    sets = change(KeyFile(path).read(), rotate=True, retire="", name=KeySetName.FIELD)
    assert sets.by_purpose == KeyFile(path).read().by_purpose
    assert sets.secrets.current(SecretPurpose.FIELD).id == old[1:5]  # not published everywhere
    newest = sets.secrets.rotated(used_from=0)
    KeyFile(path).write(KeySets(sets.by_purpose, secrets=newest))
    reloaded = Sealer(SigningKeys.load(path))
    new = reloaded.seal(COLUMN, ROW, VALUE)
    assert new[1:5] != old[1:5]
    for sealer in (here, reloaded, Sealer(there)):
        assert sealer.open(COLUMN, ROW, old) == sealer.open(COLUMN, ROW, new) == VALUE
    assert here.lookup_hash("PHONE", "x") == reloaded.lookup_hash("PHONE", "x")


def test_a_hash_depends_on_the_key_and_the_kind(path: Path) -> None:
    sealer, other = Sealer(SigningKeys.load(path)), Sealer(SigningKeys.generate())
    hashed = sealer.lookup_hash("PHONE", "+919820012345")
    assert len(hashed) == 32
    others = [
        other.lookup_hash("PHONE", "+919820012345"),
        sealer.lookup_hash("EMAIL", "+919820012345"),
        sealer.lookup_hash("PHONE", "+919820012346"),
    ]
    assert len({hashed, *others}) == 4


def test_field_keys_are_not_retired(path: Path) -> None:
    with pytest.raises(KeyNotRetirable, match="Sealed columns"):
        change(KeyFile(path).read(), rotate=False, retire="any", name=KeySetName.FIELD)


async def test_a_file_of_an_earlier_release_is_completed(
    path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """In development at the start, in production by `haat keys`."""
    own = settings.model_copy(update={"keys_file": path, "environment": "production"})
    forget_secrets(path)
    with pytest.raises(SecretKeyMissing):
        Sealer(SigningKeys.load(path)).seal(COLUMN, ROW, VALUE)
    with pytest.raises(SettingsInvalid, match="without field and lookup keys"):
        ensure_keys(own)
    await check_all(own)
    assert "without field and lookup keys" in capsys.readouterr().out.replace("\n", " ")
    old = KeyFile(path).read()
    ensure_keys(own.model_copy(update={"environment": "development"}))
    assert KeyFile(path).read().secrets.missing == []
    assert KeyFile(path).read().by_purpose == old.by_purpose
    completed = change(old, rotate=False, retire="", name=None)
    assert completed.secrets.missing == []
    assert change(completed, rotate=False, retire="", name=None) is completed
