"""Texts that mutations of downloads take."""

CODES = {
    "importLicenseKeys.keys",
    *(
        f"{mutation}.idempotencyKey"
        for mutation in (
            "addDigitalAsset",
            "importLicenseKeys",
            "resetDownloads",
            "revokeDownload",
        )
    ),
}
