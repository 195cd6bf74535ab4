"""GraphQL documents by the sha256 of their text."""

import hashlib
import json
from pathlib import Path


def sha256(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def read(path: Path) -> dict[str, str]:
    """The documents of a file: a JSON object of each text by its sha256, bare or as `sha256:…`.

    A `ValueError` says in a sentence what is wrong with the file.
    """
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} is not a JSON object of documents by their sha256.")
    documents = {name.removeprefix("sha256:"): document for name, document in found.items()}
    for name, document in documents.items():
        if not isinstance(document, str) or sha256(document) != name:
            raise ValueError(f"{path}: {name} is not the sha256 of its document.")
    return documents
