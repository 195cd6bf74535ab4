"""Details of bank accounts, as owners enter them."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StringConstraints
from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from models.errors import InvalidInput, InvalidValue
from models.payouts.accounts import PayoutRail
from models.text import OneLine

MAX_HOLDER = 70  # of a name in pain.001
INDIA, EUROS = "IN", "EUR"
# The currencies of banks that Paystack pays out to, and their countries.
PAYSTACK_COUNTRIES: Mapping[str, str] = {"NGN": "NG", "GHS": "GH", "ZAR": "ZA", "KES": "KE"}
# Members of SEPA, by the prefix of their IBANs (EPC409-09).
SEPA = frozenset(
    [
        "AD",
        "AL",
        "AT",
        "BE",
        "BG",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GI",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MC",
        "MD",
        "ME",
        "MK",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "RS",
        "SE",
        "SI",
        "SK",
        "SM",
        "VA",
    ]
)
_BANK_TEXT = re.compile(r"[A-Za-z0-9 ?:().,'+/&-]+")


def _bank_text(text: str) -> str:
    """Refuse what files of banks cannot carry, and what a spreadsheet would run as a formula."""
    if not _BANK_TEXT.fullmatch(text) or not text[0].isalnum():
        raise InvalidValue("Write the name in Latin letters without accents, as the bank has it.")
    return text


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


Holder = Annotated[str, OneLine(MAX_HOLDER, web_addresses=False), AfterValidator(_bank_text)]
Code = Annotated[str, StringConstraints(max_length=40), AfterValidator(_compact)]


class BankDraft(BaseModel, frozen=True):
    """Validated details of a bank account: an IBAN, or the code of a bank and a number."""

    rail: PayoutRail
    holder: Holder
    iban: Code | None = None
    bank_code: Code | None = None
    account_number: Code | None = None

    @property
    def number(self) -> str:
        """Return the number by which the bank knows the account."""
        return self.iban or self.account_number or ""

    def country(self, currency: str) -> str:
        if self.rail is PayoutRail.PAYSTACK:
            return PAYSTACK_COUNTRIES[currency]
        return self.iban[:2] if self.iban else INDIA

    def ensure_for(self, currency: str) -> None:
        """Raise `InvalidInput` unless these are the details of an account for a currency."""
        if self.rail is PayoutRail.PAYSTACK:
            self._ensure_paystack(currency)
        elif currency == EUROS:
            self._ensure_iban()
        else:
            self._ensure_indian()

    def _ensure_iban(self) -> None:
        try:
            iban.validate(self.iban or "")
        except ValidationError as error:
            raise InvalidInput("Enter a valid IBAN.", field=["iban"]) from error
        if (self.iban or "")[:2] not in SEPA:
            raise InvalidInput("Enter the IBAN of a bank within SEPA.", field=["iban"])
        if self.bank_code and not bic.is_valid(self.bank_code):
            raise InvalidInput("Enter a valid BIC, or none.", field=["bankCode"])
        if self.account_number:
            raise InvalidInput("Enter the IBAN alone.", field=["accountNumber"])

    def _ensure_indian(self) -> None:
        self._ensure_no_iban()
        if not re.fullmatch(r"[A-Z]{4}0[A-Z0-9]{6}", self.bank_code or ""):
            raise InvalidInput("Enter the IFSC of the branch: 11 characters.", field=["bankCode"])
        if not re.fullmatch(r"[0-9]{9,18}", self.account_number or ""):
            raise InvalidInput("Enter the number: 9 to 18 digits.", field=["accountNumber"])

    def _ensure_paystack(self, currency: str) -> None:
        self._ensure_no_iban()
        if not re.fullmatch(r"[0-9A-Z]{3,20}", self.bank_code or ""):
            raise InvalidInput("Enter the code of the bank.", field=["bankCode"])
        digits = "10" if currency == "NGN" else "6,20"
        if not re.fullmatch(rf"[0-9]{{{digits}}}", self.account_number or ""):
            raise InvalidInput("Enter a valid account number.", field=["accountNumber"])

    def _ensure_no_iban(self) -> None:
        if self.iban:
            raise InvalidInput(
                "Enter the code of the bank and the number of the account.", field=["iban"]
            )
