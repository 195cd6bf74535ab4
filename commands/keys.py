"""`haat keys`: which sets of the key file are created, rotated or freed of a key."""

from dataclasses import dataclass
from enum import StrEnum

from commands.connections import database_problems
from core.database import JOB_STATEMENT_SECONDS, Database
from core.security.key_file import (
    KeyFile,
    KeyNotRetirable,
    KeyNotRotatable,
    KeySets,
    Purpose,
)
from core.security.sealed import Sealer
from core.security.secret_keys import SecretPurpose
from core.security.signing_keys import SigningKeys
from core.settings import Settings, SettingsInvalid
from services.sealed_values import count_lacking, count_sealed_with

MISSING = "KEYS_SECRET is not set. Set it to the secret that encrypts the file."
THE_JOB = "The job of the workers replaces them within an hour, with the keys of the file."


class KeySetName(StrEnum):
    """A set that can be rotated: those that sign tokens, and the keys of sealed columns."""

    ACCESS = "access"
    LINK = "link"
    VOUCHER = "voucher"
    TICKET = "ticket"
    FIELD = "field"
    LOOKUP = "lookup"


# A rotation of lookups has to be finished by hand, so it is asked for by name.
ROTATED_TOGETHER = [name for name in KeySetName if name is not KeySetName.LOOKUP]


SECRET_SETS = {KeySetName.FIELD, KeySetName.LOOKUP}


@dataclass(frozen=True)
class KeyChange:
    """The options of `haat keys`."""

    rotate: bool = False
    retire: str = ""
    encrypt: bool = False
    name: KeySetName | None = None


async def change_file(settings: Settings, asked: KeyChange) -> KeySets:
    """Change the file, and return its sets.

    Raises `KeyFileInvalid`, `KeyNotRetirable`, `KeyNotRotatable`, `SettingsInvalid` and `OSError`.
    """
    file = KeyFile(settings.keys_file, settings.file_secrets)
    before = file.read()
    if asked.encrypt and not settings.keys_secret:
        raise SettingsInvalid(MISSING)
    sets = change(before, asked)
    if asked.rotate and asked.name is KeySetName.LOOKUP:
        await _ensure_hashed(settings, before)
    if asked.retire and (purpose := _secret_purpose(before, asked)):
        await _ensure_unused(settings, before, purpose, asked.retire)
    if sets is not before or asked.encrypt:
        file.write(sets)
    return sets


def change(sets: KeySets, asked: KeyChange) -> KeySets:
    """Return the sets that the options ask for. Raises `KeyNotRetirable` and `KeyNotRotatable`.

    What an earlier release did not have is added.
    """
    sets = sets.separated().completed()
    if asked.rotate:
        for one in [asked.name] if asked.name else ROTATED_TOGETHER:
            sets = _rotate(sets, one)
    if asked.retire:
        if secret := _secret_purpose(sets, asked):
            return sets.without_secret(secret, asked.retire)
        sets = sets.retired(asked.retire, Purpose(asked.name) if asked.name else None)
    return sets


def _rotate(sets: KeySets, name: KeySetName) -> KeySets:
    if name in SECRET_SETS:
        return sets.with_new_secret(SecretPurpose(name))
    return sets.rotated(Purpose(name))


def _secret_purpose(sets: KeySets, asked: KeyChange) -> SecretPurpose | None:
    """Return the set of the symmetric key that is to be retired, None for a key that signs."""
    if asked.name:
        return SecretPurpose(asked.name) if asked.name in SECRET_SETS else None
    for purpose, keys in sets.secrets.by_purpose.items():
        if asked.retire in {one.id.hex() for one in keys}:
            return purpose
    return None


async def _ensure_hashed(settings: Settings, sets: KeySets) -> None:
    """Refuse a rotation while hashes of a retired key are left: they would not be found."""
    if lacking := await _count_lacking(settings, sets):
        raise KeyNotRotatable(f"{lacking} values have hashes of another key. {THE_JOB}")


async def _ensure_unused(
    settings: Settings, sets: KeySets, purpose: SecretPurpose, kid: str
) -> None:
    if purpose is SecretPurpose.LOOKUP:
        needing = await _count_lacking(settings, sets)
    else:
        needing = await _count_sealed_with(settings, bytes.fromhex(kid))
    if needing:
        raise KeyNotRetirable(f"{needing} values need {kid}. {THE_JOB}")


async def _count_lacking(settings: Settings, sets: KeySets) -> int:
    database = _database(settings)
    try:
        with database_problems(settings):
            async with database.session() as session:
                return await count_lacking(session, Sealer(SigningKeys(sets)))
    finally:
        await database.close()


async def _count_sealed_with(settings: Settings, key_id: bytes) -> int:
    database = _database(settings)
    try:
        with database_problems(settings):
            async with database.session() as session:
                return await count_sealed_with(session, key_id)
    finally:
        await database.close()


def _database(settings: Settings) -> Database:
    return Database(settings.sqlalchemy_url, pool=1, statement_seconds=JOB_STATEMENT_SECONDS)
