"""The file of an export: one JSON file per domain, the user's files, and a manifest."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from core.clock import now
from core.security.sealed import Sealer
from gateways.storage.base import ObjectStorage
from models.personal_data import Declared
from models.uploads import max_bytes
from services.privacy.exported_rows import describe, list_ready, stream_rows
from services.privacy.owned_rows import tables
from services.transaction import OpenTransaction

MANIFEST = "manifest.json"


@dataclass
class Archive:
    """Writes the data of a user to a ZIP file, a few rows or one file in memory at a time."""

    transaction: OpenTransaction
    objects: ObjectStorage
    sealer: Sealer
    user_id: UUID
    zip: ZipFile
    contents: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    async def write(
        cls,
        path: Path,
        transaction: OpenTransaction,
        objects: ObjectStorage,
        sealer: Sealer,
        user_id: UUID,
    ) -> None:
        with ZipFile(path, "w", ZIP_DEFLATED) as zip:
            archive = cls(transaction, objects, sealer, user_id, zip)
            owned = [one for one in tables().values() if one.privacy.has_persons]
            owned.sort(key=lambda one: (one.domain, one.table.name))
            for domain, declared in groupby(owned, key=lambda one: one.domain):
                await archive.add_domain(domain, list(declared))
            await archive.add_files()
            archive.add_manifest()

    async def add_domain(self, domain: str, declared: Sequence[Declared]) -> None:
        """Add `<domain>.json`: an object with the rows of each table."""
        counts: dict[str, int] = {}
        with self.zip.open(f"{domain}.json", "w") as file:
            file.write(b"{")
            for position, one in enumerate(declared):
                name = json.dumps(one.table.name)
                file.write(f"{',' if position else ''}\n{name}: [".encode())
                counts[one.table.name] = 0
                async with self.transaction() as session:
                    async for row in stream_rows(session, self.sealer, one, self.user_id):
                        line = json.dumps(row, ensure_ascii=False, default=_as_text)
                        separator = "," if counts[one.table.name] else ""
                        file.write(f"{separator}\n  {line}".encode())
                        counts[one.table.name] += 1
                file.write(b"]")
            file.write(b"\n}\n")
        described = [describe(one) | {"rows": counts[one.table.name]} for one in declared]
        self.contents.append({"file": f"{domain}.json", "tables": described})

    async def add_files(self) -> None:
        """Add the user's files. They are compressed already."""
        async with self.transaction() as session:
            uploads = await list_ready(session, self.user_id)
        for upload in uploads:
            content = await self.objects.read(upload.key or "", max_bytes(upload.content_type))
            if content is not None:
                name = f"files/{upload.id}-{upload.file_name}"
                await asyncio.to_thread(self.zip.writestr, name, content, ZIP_STORED)
                self.contents.append({"file": name, "upload": str(upload.id)})

    def add_manifest(self) -> None:
        manifest = {
            "account": str(self.user_id),
            "created_at": now().isoformat(),
            "contents": self.contents,
        }
        self.zip.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
