"""The account by which Google knows us, as its console gives it out in a file."""

import json
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel, HttpUrl, SecretStr, ValidationError, field_validator


class ServiceAccount(BaseModel, frozen=True):
    """What we need of the file."""

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
            raise ValueError("private_key is no RSA key in PEM") from error
        return pem

    @property
    def key(self) -> RSAKey:
        return RSAKey.import_key(self.private_key.get_secret_value())


def read(path: Path) -> ServiceAccount:
    """A ValueError names what is wrong with the file, and shows nothing of it."""
    try:
        return ServiceAccount.model_validate(json.loads(path.read_text()))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a JSON file that can be read.") from error
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise ValueError(f"{path} is no service account: look at {wrong or 'the whole'}.") from None
