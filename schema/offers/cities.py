"""Cities in which vendors are."""

from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.offers import visible_city
from engine.scalars import CountryCode
from engine.types import Rows, column
from models.offers import listings as rows


@strawberry.type(description="A city in which an approved vendor is or was. Public.")
class City(Rows[rows.City], relay.Node, access=visible_city):
    id: relay.NodeID[UUID]
    name: str = column("The name, as the first vendor in it wrote it.")
    country: CountryCode = column("The country.")
    latitude: float = column("The latitude of the first vendor in it, in degrees.")
    longitude: float = column("The longitude of the first vendor in it, in degrees.")
