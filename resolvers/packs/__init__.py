"""Root fields of the domain `packs`."""

import strawberry

from resolvers.packs.admins import PackAdminMutation
from resolvers.packs.buying import PackBuyingMutation
from resolvers.packs.queries import PackQuery
from resolvers.packs.subscribing import PackSubscribingMutation

__all__ = ["PackMutation", "PackQuery"]


@strawberry.type
class PackMutation(PackAdminMutation, PackBuyingMutation, PackSubscribingMutation):
    pass
