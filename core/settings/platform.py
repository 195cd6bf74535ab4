"""Settings of the operator, as the platform's own invoices name it."""

from pydantic import Field
from pydantic_settings import BaseSettings

from core.settings.values import CountryCode, Line, TimeZone


class PlatformSettings(BaseSettings):
    """The operator's name, place and tax number."""

    platform_name: Line = Field(
        "",
        description="Legal name of the operator, the seller on invoices for commission and on"
        " receipts of purchases from the platform. If empty, none of them are issued.",
    )
    platform_address: Line = Field(
        "", description="Address of the operator, its lines separated by semicolons."
    )
    platform_region: Line = Field(
        "",
        description="State of the operator, as addresses write it, such as Karnataka. In India, it"
        " decides between CGST with SGST, and IGST.",
    )
    platform_country: CountryCode = Field(
        "IN", description="Country of the operator, which decides on the fiscal year."
    )
    platform_tax_id: Line = Field("", description="Tax number of the operator.")
    platform_time_zone: TimeZone = Field(
        "Asia/Kolkata", description="Time zone of the days of the operator's invoices."
    )
