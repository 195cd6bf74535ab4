"""Root fields of the domain `offers`."""

import strawberry

from resolvers.offers.for_you import PersonalOffersMutation
from resolvers.offers.imports import OfferImportMutation, OfferImportQuery
from resolvers.offers.offers import OfferMutation
from resolvers.offers.queries import OfferQuery


@strawberry.type
class OffersQuery(OfferQuery, OfferImportQuery):
    pass


@strawberry.type
class OffersMutation(OfferMutation, OfferImportMutation, PersonalOffersMutation):
    pass
