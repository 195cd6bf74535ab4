"""Cursors of subscriptions: what they keep, and what they do not show."""

import base64
import dataclasses
import itertools
import json

import pytest

from core.errors import CursorExpired, MalformedRequest
from core.security.key_file import KeySets
from core.security.secret_keys import SecretPurpose
from core.security.signing_keys import SigningKeys
from services.journal.cursor import CursorCodec, OtherTopics

EPOCH = "7714234628632778582.00000001.25648"
VENDOR, USER = "vendor:01a23084-bcd8-7763-9669-7ebfcf2b0001", "user:01a23084-bcd8-7763-9669-7ebf"
POSITION = {VENDOR: 12, USER: 0}


@pytest.fixture
def sets() -> KeySets:
    return KeySets.generate()


@pytest.fixture
def codec(sets: KeySets) -> CursorCodec:
    return CursorCodec(SigningKeys(sets))


def rotated(sets: KeySets) -> KeySets:
    secrets = sets.secrets.rotated(SecretPurpose.FIELD, used_from=0)
    return dataclasses.replace(sets, secrets=secrets)


def test_a_cursor_keeps_its_position(codec: CursorCodec) -> None:
    cursor = codec.encode(EPOCH, POSITION)
    assert codec.decode(cursor, EPOCH, [USER, VENDOR]) == POSITION
    assert codec.encode(EPOCH, dict(reversed(POSITION.items()))) == cursor
    assert codec.encode(EPOCH, {**POSITION, VENDOR: 13}) != cursor


def test_a_cursor_shows_neither_topics_nor_numbers(codec: CursorCodec) -> None:
    cursors = [codec.encode(EPOCH, {VENDOR: number}) for number in (0, 9, 10, 2**62)]
    assert len({len(one) for one in cursors}) == 1, "the length does not grow with the number"
    shown = [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in cursors]
    assert not any(part in one for one in shown for part in (b"vendor", EPOCH.encode(), b"000"))
    rest = [one[4:] for one in shown]  # behind the id of the key
    assert all(one[:4] != other[:4] for one, other in itertools.pairwise(rest))


def test_cursors_outlive_a_rotation_and_expire_with_their_key(
    sets: KeySets, codec: CursorCodec
) -> None:
    cursor, newer = codec.encode(EPOCH, POSITION), rotated(sets)
    later = CursorCodec(SigningKeys(newer))
    assert later.decode(cursor, EPOCH, POSITION) == POSITION
    assert later.encode(EPOCH, POSITION) != cursor
    with pytest.raises(CursorExpired):
        CursorCodec(SigningKeys.generate()).decode(cursor, EPOCH, POSITION)


def test_cursors_of_other_topics_and_epochs_are_refused(codec: CursorCodec) -> None:
    cursor = codec.encode(EPOCH, POSITION)
    with pytest.raises(OtherTopics):
        codec.decode(cursor, EPOCH, [VENDOR])
    with pytest.raises(CursorExpired):
        codec.decode(cursor, f"{EPOCH}1", POSITION)


def test_a_cursor_of_a_release_that_did_not_encrypt_has_expired(codec: CursorCodec) -> None:
    plain = base64.urlsafe_b64encode(json.dumps([EPOCH, [VENDOR, 12]]).encode()).decode()
    with pytest.raises(CursorExpired):
        codec.decode(plain.rstrip("="), EPOCH, [VENDOR])


@pytest.mark.parametrize("place", [5, 40, -1])
def test_a_changed_cursor_is_malformed(codec: CursorCodec, place: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(codec.encode(EPOCH, {VENDOR: 3}) + "=="))
    raw[place] ^= 1
    with pytest.raises(MalformedRequest):
        codec.decode(base64.urlsafe_b64encode(raw).decode().rstrip("="), EPOCH, [VENDOR])


@pytest.mark.parametrize("cursor", ["", "nonsense", "ümlaut", "a" * 24, "=", "\0", "-" * 3])
def test_what_is_no_cursor_is_malformed(codec: CursorCodec, cursor: str) -> None:
    with pytest.raises(MalformedRequest):
        codec.decode(cursor, EPOCH, [VENDOR])
