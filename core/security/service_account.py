"""Credentials file of a Google service account."""

import json
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel, HttpUrl, SecretStr, ValidationError, field_validator


class ServiceAccount(BaseModel, frozen=True):
    project_id: str
    client_email: str
    private_key_id: str
    private_key: SecretStr
    token_uri: HttpUrl

    @field_validator("private_key")
    @classmethod
    def ensure_key(cls, pem: SecretStr) -> SecretStr:
        try:
            RSAKey.import_key(pem.get_secret_value())
        except (JoseError, ValueError) as error:
            raise ValueError("private_key is not an RSA key in PEM format") from error
        return pem

    @property
    def key(self) -> RSAKey:
        return RSAKey.import_key(self.private_key.get_secret_value())


def read(path: Path) -> ServiceAccount:
    """Read a credentials file. The ValueError for a bad file contains none of its values."""
    try:
        return ServiceAccount.model_validate(json.loads(path.read_text()))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a readable JSON file.") from error
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise ValueError(
            f"{path} is not a service account. Check: {fields or 'the whole file'}."
        ) from None
