"""The key file encrypted with KEYS_SECRET: read, changed, refused."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.ids import new_id
from core.security.file_secrets import FileSecrets
from core.security.key_file import KeyFile, KeyFileInvalid, KeySets, KeysSecretRefused, Purpose
from core.security.signing_keys import SigningKeys
from tests.command_line import assert_refused, in_process

OLD, NEW = "o" * 32, "n" * 32
ENCRYPTED = FileSecrets(OLD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def encrypt(path: Path, secrets: FileSecrets) -> KeySets:
    sets = KeySets.generate()
    KeyFile(path, secrets).write(sets)
    return sets


def test_an_encrypted_file_shows_no_key(path: Path) -> None:
    sets = encrypt(path, ENCRYPTED)
    text, plain = path.read_text(), json.dumps(sets.to_json())
    assert '"d"' in plain
    assert set(json.loads(text)) == {"algorithm", "salt", "nonce", "encrypted"}
    file = KeyFile(path, ENCRYPTED)
    assert file.read().to_json() == sets.to_json()
    assert file.is_encrypted
    file.write(sets)
    assert path.read_text() != text, "salt and nonce are new"


def test_a_file_of_before_is_read_with_a_secret(path: Path) -> None:
    sets = encrypt(path, FileSecrets())
    file = KeyFile(path, ENCRYPTED)
    assert file.read().to_json() == sets.to_json()
    assert not file.is_encrypted


def test_a_change_of_the_secret_reads_the_file_before_and_after(path: Path) -> None:
    encrypt(path, ENCRYPTED)
    both = FileSecrets(NEW, OLD)
    file = KeyFile(path, both)
    sets = file.read()
    assert not file.is_encrypted
    file.write(sets)
    for secrets in (both, FileSecrets(NEW)):
        again = KeyFile(path, secrets)
        assert again.read().to_json() == sets.to_json()
        assert again.is_encrypted
    with pytest.raises(KeysSecretRefused, match="KEYS_SECRET is wrong"):
        KeyFile(path, ENCRYPTED).read()


def test_no_changed_part_is_accepted(path: Path) -> None:
    encrypt(path, ENCRYPTED)
    stored = json.loads(path.read_text())
    for name in ("salt", "nonce", "encrypted"):
        flipped = "B" if stored[name][0] == "A" else "A"
        for changed in (flipped + stored[name][1:], "", 1, None):
            path.write_text(json.dumps(stored | {name: changed}))
            with pytest.raises(KeyFileInvalid):
                KeyFile(path, ENCRYPTED).read()
        path.write_text(json.dumps({one: stored[one] for one in stored if one != name}))
        with pytest.raises(KeyFileInvalid):
            KeyFile(path, ENCRYPTED).read()


def test_a_server_keeps_its_keys_if_it_cannot_decrypt_the_file(path: Path) -> None:
    encrypt(path, ENCRYPTED)
    keys = SigningKeys.load(path, ENCRYPTED)
    token, _ = keys.sign_access(new_id(), new_id(), 15)
    encrypt(path, FileSecrets(NEW))
    with capture_logs() as logged:
        assert not keys.reload_if_changed()
    assert [line["event"] for line in logged] == ["keys.unreadable"]
    keys.read_access(token)


def test_the_command_encrypts_the_file(path: Path) -> None:
    plain = encrypt(path, FileSecrets())
    file = {"KEYS_FILE": str(path)}
    assert_refused(in_process("keys --encrypt", **file), "KEYS_SECRET is not set. Set it to the")
    code, output = in_process("keys --encrypt", KEYS_SECRET=OLD, **file)
    assert code == 0
    assert str(plain.signing_key(Purpose.ACCESS).kid) in output
    assert '"d"' not in path.read_text()
    code, _ = in_process("keys --encrypt", KEYS_SECRET=NEW, KEYS_SECRET_OLD=OLD, **file)
    assert code == 0
    rotated = in_process("keys --rotate", KEYS_SECRET=NEW, **file)
    assert rotated[0] == 0
    assert len(KeyFile(path, FileSecrets(NEW)).read().by_purpose[Purpose.ACCESS]) == 2


@pytest.mark.parametrize("command", ["keys", "keys --list", "keys --encrypt"])
def test_a_wrong_secret_is_one_sentence(path: Path, command: str) -> None:
    encrypt(path, ENCRYPTED)
    file = {"KEYS_FILE": str(path)}
    if command != "keys --encrypt":
        assert_refused(in_process(command, **file), "KEYS_SECRET is not set, and KEYS_FILE is")
    ran = in_process(command, KEYS_SECRET=NEW, **file)
    assert_refused(ran, "KEYS_SECRET is wrong: KEYS_FILE is encrypted with another secret")
    assert NEW not in ran[1]
    alone = in_process(command, KEYS_SECRET_OLD=OLD, **file)
    assert_refused(alone, "KEYS_SECRET must be set with KEYS_SECRET_OLD")


def test_servers_and_the_check_name_the_wrong_secret(path: Path) -> None:
    encrypt(path, ENCRYPTED)
    given = {"KEYS_FILE": str(path), "KEYS_SECRET": NEW}
    away = {
        "DATABASE_URL": "postgresql://haat@127.0.0.1:1/haat",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    for command in ("serve", "worker", "check"):
        assert_refused(in_process(command, **given, **away), "KEYS_SECRET is wrong: KEYS_FILE is")
