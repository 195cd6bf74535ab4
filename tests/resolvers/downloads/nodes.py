"""A file that the customer has bought, a use of its link, and a license key of theirs."""

from sqlmodel import SQLModel

from core.clock import now
from core.ids import new_id
from models.downloads.grants import Download, DownloadOutcome
from tests.factories.downloads import granted, license_key, sold_file
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "DigitalAsset": {CUSTOMER, OWNER, ADMIN},
    "DownloadGrant": {CUSTOMER, OWNER, ADMIN},
    "DownloadAttempt": {OWNER, ADMIN},
    "LicenseKey": {CUSTOMER, OWNER, ADMIN},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    placed = await scene.world.placed_order(scene.customer, [scene.vendor])
    line = placed.lines[0]
    asset = await sold_file(scene.world, scene.owner, scene.vendor.id, line.ref_id)
    grant = granted(asset, line, scene.customer)
    attempt = Download(grant_id=grant.id, jti=new_id(), outcome=DownloadOutcome.SERVED)
    key = license_key(scene.world, scene.vendor.id, line.ref_id, "AAA-1")
    key.line_id, key.suborder_id, key.user_id = line.id, line.suborder_id, scene.customer.id
    key.unit_number, key.sold_at = 0, now()
    await scene.world.save(grant, attempt, key)
    return {
        "DigitalAsset": asset,
        "DownloadGrant": grant,
        "DownloadAttempt": attempt,
        "LicenseKey": key,
    }
