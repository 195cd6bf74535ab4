"""Settings of payouts of vendors."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings
from stdnum import bic, iban
from stdnum.exceptions import ValidationError


def _check_iban(text: str) -> str:
    try:
        return iban.validate(text) if text else ""
    except ValidationError:
        raise ValueError("must be a valid IBAN") from None


def _check_bic(text: str) -> str:
    if text and not bic.is_valid(text):
        raise ValueError("must be a valid BIC")
    return text


class PayoutSettings(BaseSettings):
    """When vendors are paid out, what is kept back of new ones, and the platform's own account."""

    payout_schedule: Literal["DAILY", "WEEKLY", "MANUAL"] = Field(
        "WEEKLY",
        description="When vendors are paid out that have not chosen: DAILY, WEEKLY or MANUAL.",
    )
    reserve_bps: int = Field(
        1000,
        ge=0,
        le=5000,
        description="Basis points of each sale of a new vendor that are kept back for refunds.",
    )
    reserve_days: int = Field(
        7, ge=0, le=180, description="Days for which the reserve of a new vendor is kept back."
    )
    reserve_new_days: int = Field(
        90, ge=0, le=3650, description="Days for which a vendor is new. 0 for no reserve."
    )
    payout_debtor_name: str = Field(
        "",
        max_length=70,
        pattern=r"^[A-Za-z0-9 ?:().,'+/&-]*$",
        description="Holder of the platform's account, from which files of banks pay vendors.",
    )
    payout_debtor_iban: Annotated[str, AfterValidator(_check_iban)] = Field(
        "", description="IBAN of the platform's account. If empty, there are no SEPA files."
    )
    payout_debtor_bic: Annotated[str, AfterValidator(_check_bic)] = Field(
        "", description="BIC of the platform's bank, if it asks for one in SEPA files."
    )
    payout_debtor_account: str = Field(
        "",
        pattern=r"^([0-9]{9,18})?$",
        description="Number of the platform's account in India. If empty, there are no NEFT files.",
    )
