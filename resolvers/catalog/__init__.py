"""Root fields of the domain `catalog`."""

import strawberry

from resolvers.catalog.imports import ImportMutation, ImportQuery
from resolvers.catalog.products import ProductMutation
from resolvers.catalog.queries import ProductQuery
from resolvers.catalog.variants import VariantMutation
from resolvers.catalog.views import ViewMutation


@strawberry.type
class CatalogQuery(ProductQuery, ImportQuery):
    pass


@strawberry.type
class CatalogMutation(ProductMutation, VariantMutation, ViewMutation, ImportMutation):
    pass
