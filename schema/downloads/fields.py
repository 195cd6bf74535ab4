"""Fields of OrderLine and Variant about files and license keys."""

import strawberry

from dataloaders.downloads import files_of_variant, grants_of_line, keys_of_line
from engine.types import related, related_page
from models.downloads.assets import MAX_ASSETS
from schema.lazy import LazyDigitalAsset, LazyDownloadGrant, LazyLicenseKey


@strawberry.type
class DigitalLineFields:
    """A base of OrderLine, not a type of the schema."""

    downloads: list[LazyDownloadGrant] = related(
        grants_of_line,
        by="id",
        description=f"The buyer's files, about {MAX_ASSETS} at most. Empty before the order is"
        " paid.",
        size=3,
    )
    license_keys: list[LazyLicenseKey] = related_page(
        keys_of_line, LazyLicenseKey, "The license keys, newest first: one for each unit."
    )


@strawberry.type
class DigitalVariantFields:
    """A base of Variant, not a type of the schema."""

    files: list[LazyDigitalAsset] = related(
        files_of_variant,
        by="id",
        description=f"The files that buyers of it can download, at most {MAX_ASSETS}. Those that"
        " FAILED are for the vendor's members alone.",
        size=3,
    )
