"""Operations that the permissions of fraud allow."""

from sqlmodel import func, select

from models.fraud.settings import FraudSettings
from models.members import Permission
from tests.client import Client, gid
from tests.factories.fraud import decision, stored_case
from tests.factories.redemptions import Till
from tests.resolvers.members.workplace import Workplace, does, finds


async def review_fraud(place: Workplace, client: Client) -> list[bool]:
    offer = await place.world.offer(place.vendor)
    till = Till(place.world, place.vendor, place.owner, place.chat.customer, offer)
    case = await stored_case(till)
    taken = {"caseId": gid(case)}
    return [
        await finds(client, "query ($id: ID!) { node(id: $id) { id } }", case),
        await does(client, "takeFraudCase", taken),
        await does(client, "addFraudCaseNote", taken | {"text": "A note"}),
        await does(client, "decideFraudCase", decision(case)),
    ]


async def edit_fraud_settings(place: Workplace, client: Client) -> list[bool]:
    versions = select(func.count()).where(FraudSettings.vendor_id == place.vendor.id)
    async with place.world.database.session() as session:
        base = (await session.exec(versions)).one()
    given = {"vendorId": gid(place.vendor), "baseVersion": base, "settings": {"fraudMode": "ACT"}}
    return [await does(client, "updateFraudSettings", given)]


PROBES = {
    Permission.REVIEW_FRAUD: review_fraud,
    Permission.EDIT_FRAUD_SETTINGS: edit_fraud_settings,
}
