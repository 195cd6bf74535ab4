"""License keys that vendors sell."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.catalog.products import InvalidProductState
from models.catalog.variants import Variant as VariantRow
from models.downloads import keys as key_rows
from models.errors import KEYED, InvalidInput, NotFound
from models.stock.levels import StockTooHigh
from models.validation import parse
from schema.catalog.types import Variant
from schema.downloads.inputs import KeyIds, Keys, VariantId
from services.downloads.selling import keys as license_keys


@strawberry.type
class LicenseKeyMutation:
    @mutation(
        personal=True,
        variant=Variant,
        raises=(
            InvalidInput,
            NotFound,
            InvalidProductState,
            StockTooHigh,
            key_rows.LicenseKeyTaken,
            key_rows.LicenseKeyLimitReached,
            *KEYED,
        ),
    )
    async def import_license_keys(
        self, info: Info, variant_id: VariantId, keys: Keys, idempotency_key: IdempotencyKey
    ) -> VariantRow:
        """Add license keys to a variant of a digital product, of which each unit that is sold gets
        one. They become its stock: no more units than keys can be sold. Requires the vendor's
        MANAGER role or higher.
        """
        given = parse(key_rows.KeyImport, keys=keys)
        async with info.context.transaction() as session:
            return await license_keys.import_license_keys(
                session,
                info.context.viewer,
                info.context.app.sealer,
                given,
                variant_id=variant_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        personal=True,
        variant=Variant,
        raises=(InvalidInput, NotFound, key_rows.LicenseKeyInUse),
        repeatable="refuses keys that are gone",
    )
    async def remove_license_keys(
        self, info: Info, variant_id: VariantId, key_ids: KeyIds
    ) -> VariantRow:
        """Remove license keys that are free from a variant and its stock. Requires the vendor's
        MANAGER role or higher.
        """
        chosen = parse(key_rows.KeyRemoval, key_ids=key_ids)
        async with info.context.transaction() as session:
            return await license_keys.remove_license_keys(
                session, info.context.viewer, variant_id=variant_id, key_ids=chosen.key_ids
            )
