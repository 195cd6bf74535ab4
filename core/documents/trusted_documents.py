"""The file of trusted GraphQL documents."""

import hashlib
import json
from pathlib import Path


def sha256(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def bare(name: str) -> str:
    """Return a hash in lower case and without the optional prefix `sha256:`."""
    return name.lower().removeprefix("sha256:")


def read(path: Path) -> dict[str, str]:
    """Return a file's documents by SHA-256. Raises `ValueError` for a bad file.

    The keys of the JSON object are hashes, optionally prefixed with `sha256:`.
    """
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} must be a JSON object of documents by their SHA-256.")
    documents = {bare(name): document for name, document in found.items()}
    for name, document in documents.items():
        if not isinstance(document, str) or sha256(document) != name:
            raise ValueError(f"{path}: {name} is not the SHA-256 of its document.")
    return documents
