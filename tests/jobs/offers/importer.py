"""A vendor and a manager who imports offers from files."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from core.clock import now
from core.ids import new_id
from jobs.context import WorkerContext
from models.identity.accounts import User
from models.offers.imports import OfferImportRow
from models.offers.offers import Offer
from models.uploads import ATTACH_WINDOW, Upload, UploadPurpose, UploadState
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Work

IMPORT = "offerImport { id state dryRun }"
SEEN = """query ($id: ID!, $outcome: ImportOutcome) { offerImport(id: $id) {
    state importFailure rowCount created updated unchanged refused finishedAt
    rows(outcome: $outcome) { totalCount nodes {
        rowNumber vendorOfferId result offerColumn code explanation offer { id }
} } } }"""
OF_VENDOR = "query ($id: ID!) { vendor(id: $id) { offerImports { nodes { id } } } }"
WINDOW = "2030-01-01,2030-01-31"
HEADER = "id,title,percent,starts_at,ends_at"
FILE = f"{HEADER}\nTEA,Cheap tea,20,{WINDOW}\nCAKE,Cheap cake,30,{WINDOW}\n"


@dataclass
class OfferImporter:
    """A vendor, and a manager who imports offers."""

    world: World
    api: Client
    worker: WorkerContext
    work: Work
    vendor: Vendor
    member: User

    @property
    def client(self) -> Client:
        return self.api.signed_in(self.member)

    async def upload(self, file: str | bytes, **values: Any) -> Upload:
        content = file.encode() if isinstance(file, str) else file
        key = f"kept/{new_id()}"
        await self.worker.objects.write(key, content, "text/plain")
        given = {
            "purpose": UploadPurpose.DOCUMENT,
            "state": UploadState.READY,
            "size": len(content),
            "key": key,
            "expires_at": now() + ATTACH_WINDOW,
        } | values
        return await self.world.upload(self.member, **given)

    def input(self, upload: Upload, *, dry: bool = False, key: str = "first") -> dict[str, Any]:
        return {
            "vendorId": gid(self.vendor),
            "uploadId": gid(upload),
            "dryRun": dry,
            "idempotencyKey": key,
        }

    async def start(self, upload: Upload, *, dry: bool) -> str:
        given = self.input(upload, dry=dry, key=str(new_id()))
        answer = await self.client.do("importOffers", given, IMPORT)
        assert answer["offerImport"]["state"] == "QUEUED", answer
        return str(answer["offerImport"]["id"])

    async def check(self, file: str | bytes | Upload) -> dict[str, Any]:
        """Return the dry run of a file."""
        upload = file if isinstance(file, Upload) else await self.upload(file)
        return await self.finish(await self.start(upload, dry=True))

    async def run(self, file: str | bytes) -> dict[str, Any]:
        """Return the import of a file, which follows its dry run."""
        upload = await self.upload(file)
        await self.check(upload)
        return await self.finish(await self.start(upload, dry=False))

    async def finish(self, id: str) -> dict[str, Any]:
        await self.work()
        return await self.see(id)

    async def see(self, id: str, outcome: str | None = None) -> dict[str, Any]:
        seen: dict[str, Any] = (await self.client.ask(SEEN, id=id, outcome=outcome))["offerImport"]
        return seen

    async def offers(self) -> list[Offer]:
        rows = select(Offer).where(Offer.vendor_id == self.vendor.id)
        async with self.world.database.session() as session:
            return [*(await session.exec(rows.order_by(col(Offer.external_id)))).all()]


async def results(shop: OfferImporter) -> list[OfferImportRow]:
    async with shop.world.database.session() as session:
        return [*(await session.exec(select(OfferImportRow))).all()]


def outcomes(seen: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (one["result"], *([one["code"], one["offerColumn"]] if one["code"] else []))
        for one in seen["rows"]["nodes"]
    ]
