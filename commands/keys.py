"""`haat keys`: which sets of the key file are created, rotated or freed of a key."""

from enum import StrEnum

from core.security.key_file import KeyNotRetirable, KeySets, Purpose


class KeySetName(StrEnum):
    """A set that can be rotated: those that sign tokens, and the keys of sealed columns."""

    ACCESS = "access"
    LINK = "link"
    VOUCHER = "voucher"
    FIELD = "field"


def change(sets: KeySets, *, rotate: bool, retire: str, name: KeySetName | None) -> KeySets:
    """Return the sets that the options ask for. Raises `KeyNotRetirable`.

    What an earlier release did not have is added.
    """
    sets = sets.separated().completed()
    if rotate:
        for one in [name] if name else KeySetName:
            sets = _rotate(sets, one)
    if retire:
        sets = sets.retired(retire, _signing(name))
    return sets


def _rotate(sets: KeySets, name: KeySetName) -> KeySets:
    if name is KeySetName.FIELD:
        return sets.with_new_field_key()
    return sets.rotated(Purpose(name))


def _signing(name: KeySetName | None) -> Purpose | None:
    if name is KeySetName.FIELD:
        raise KeyNotRetirable("Sealed columns may need this key. It cannot be retired.")
    return Purpose(name) if name else None
