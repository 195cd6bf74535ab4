"""`haat dev` has an operator, so that each document and file can be tried."""

from core.settings import Settings
from demo.operator import settings_of_operator
from services.invoices.content.platform import Operator
from services.payouts.files.formats import Debtor

NONE = Settings(environment="development")


def test_development_has_an_operator_and_an_account() -> None:
    found = {name.lower(): value for name, value in settings_of_operator(NONE).items()}
    settings = Settings.model_validate(found | {"environment": "development"})
    operator = Operator.of(settings)
    assert operator is not None
    assert (operator.party.name, operator.party.tax_id) == (
        "Haat Demo Private Limited",
        "29AAGCB7383J1Z4",
    )
    assert Debtor.of(settings, "INR").number == "50200012345678"


def test_own_settings_stay() -> None:
    own = Settings(environment="development", platform_name="Own", payout_debtor_name="Own")
    assert settings_of_operator(own) == {}
