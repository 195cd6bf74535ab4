"""Operations that the permission to correct redemptions allows."""

from core.ids import new_id
from models.members import Permission
from tests.client import Client, gid
from tests.resolvers.members.workplace import Workplace, does


async def correct_redemptions(place: Workplace, client: Client) -> list[bool]:
    offer = await place.world.offer(place.vendor)
    voucher = await place.world.voucher(offer, await place.world.user())
    given = {
        "voucherId": gid(voucher),
        "reason": "The code was shown to others",
        "idempotencyKey": str(new_id()),
    }
    return [await does(client, "reissueVoucher", given)]


PROBES = {Permission.CORRECT_REDEMPTIONS: correct_redemptions}
