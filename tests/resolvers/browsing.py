"""Lists of offers and vendors, as a client asks for them."""

from typing import Any

from tests.client import Client
from tests.resolvers.paging import CONNECTION

OFFERS = f"""query (
  $where: OfferWhere, $search: String, $near: NearInput, $orderBy: OfferOrder,
  $first: Int, $after: String, $last: Int, $before: String
) {{ offers(
  where: $where, search: $search, near: $near, orderBy: $orderBy,
  first: $first, after: $after, last: $last, before: $before
) {{ totalCount edges {{ distanceMeters node {{ id }} }} {CONNECTION} }} }}"""
VENDORS = f"""query (
  $where: VendorWhere, $search: String, $orderBy: VendorOrder! = NAME,
  $first: Int, $after: String, $last: Int, $before: String
) {{ vendors(
  where: $where, search: $search, orderBy: $orderBy,
  first: $first, after: $after, last: $last, before: $before
) {{ totalCount edges {{ distanceMeters node {{ id }} }} {CONNECTION} }} }}"""


async def offer_ids(client: Client, **asked: Any) -> list[str]:
    """Return the ids in a list of offers, whose total count must match."""
    return _counted((await client.ask(OFFERS, **asked))["offers"])


async def vendor_ids(client: Client, **asked: Any) -> list[str]:
    """Return the ids in a list of vendors, whose total count must match."""
    return _counted((await client.ask(VENDORS, **asked))["vendors"])


def _counted(connection: dict[str, Any]) -> list[str]:
    found = [node["id"] for node in connection["nodes"]]
    assert connection["totalCount"] == len(found)
    return found


def around(latitude: float, longitude: float, **more: float) -> dict[str, float]:
    return {"latitude": latitude, "longitude": longitude} | more
