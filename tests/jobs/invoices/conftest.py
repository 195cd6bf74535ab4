import pytest

from core.settings import Settings
from services.invoices.content.platform import Operator

PLATFORM = {
    "platform_name": "Haat Private Limited",
    "platform_address": "12 MG Road; Bengaluru 560001",
    "platform_region": "Karnataka",
    "platform_tax_id": "29AAGCB7383J1Z4",
}


@pytest.fixture
def operator(settings: Settings) -> Operator:
    found = Operator.of(settings.model_copy(update=PLATFORM))
    assert found
    return found
