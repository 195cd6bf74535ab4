"""The taxes that a supply carries, by the places of the seller and the buyer.

GST of India: the Integrated Goods and Services Tax Act, 2017. VAT: the Directive 2006/112/EC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stdnum.eu.vat import MEMBER_STATES

from models.pricing.taxes import Rate, Rates, TaxComponent

INDIA = "IN"
UNITED_STATES = "US"
NORTHERN_IRELAND = "xi"  # goods alone, and under the VAT numbers of the United Kingdom
EUROPEAN_UNION = frozenset(code.upper() for code in MEMBER_STATES if code != NORTHERN_IRELAND)
# The codes of states in the numbers of GST, by their names in addresses. Those have two spellings
# of some: with "&", and of islands without that word.
GST_STATES: Mapping[str, str] = {
    "Jammu and Kashmir": "01",
    "Himachal Pradesh": "02",
    "Punjab": "03",
    "Chandigarh": "04",
    "Uttarakhand": "05",
    "Haryana": "06",
    "Delhi": "07",
    "Rajasthan": "08",
    "Uttar Pradesh": "09",
    "Bihar": "10",
    "Sikkim": "11",
    "Arunachal Pradesh": "12",
    "Nagaland": "13",
    "Manipur": "14",
    "Mizoram": "15",
    "Tripura": "16",
    "Meghalaya": "17",
    "Assam": "18",
    "West Bengal": "19",
    "Jharkhand": "20",
    "Odisha": "21",
    "Chhattisgarh": "22",
    "Madhya Pradesh": "23",
    "Gujarat": "24",
    "Dadra and Nagar Haveli and Daman and Diu": "26",
    "Maharashtra": "27",
    "Karnataka": "29",
    "Goa": "30",
    "Lakshadweep": "31",
    "Kerala": "32",
    "Tamil Nadu": "33",
    "Puducherry": "34",
    "Andaman and Nicobar": "35",
    "Telangana": "36",
    "Andhra Pradesh": "37",
    "Ladakh": "38",
}
# Union territories without a legislature. Delhi, Puducherry, and Jammu and Kashmir have one, and
# levy SGST (section 2(114) of the Central Goods and Services Tax Act, 2017).
WITHOUT_LEGISLATURE = frozenset({"04", "26", "31", "35", "38"})


class SellerKind(StrEnum):
    """The registration of a seller for a tax."""

    REGULAR = "REGULAR"
    COMPOSITION = "COMPOSITION"
    NONE = "NONE"


class Treatment(StrEnum):
    """How a supply is taxed."""

    TAXED = "TAXED"
    EXPORT = "EXPORT"
    REVERSE_CHARGE = "REVERSE_CHARGE"
    NOT_TAXED = "NOT_TAXED"


@dataclass(frozen=True)
class Jurisdiction:
    """A country, and the state as addresses write it."""

    country: str
    subdivision: str | None = None


@dataclass(frozen=True)
class Supply:
    """The two sides of a supply. `destination` is where goods are delivered.

    That is the place of supply of goods that move (IGST Act, section 10(1)(a)), also to a buyer who
    is not registered, if another address is billed (Circular 209/3/2024-GST).
    `buyer_registered` is that the buyer gave a valid tax number of the destination.
    """

    origin: Jurisdiction
    destination: Jurisdiction
    seller: SellerKind = SellerKind.REGULAR
    buyer_registered: bool = False

    @property
    def states_known(self) -> bool:
        """Return whether the states are known on which the taxes of a seller in India depend."""
        if self.origin.country != INDIA:
            return True
        in_india = [one for one in (self.origin, self.destination) if one.country == INDIA]
        return all(gst_state(one.subdivision) is not None for one in in_india)

    @property
    def treatment(self) -> Treatment:
        if self.seller is not SellerKind.REGULAR:
            return Treatment.NOT_TAXED  # a bill of supply: section 31(3)(c) of the CGST Act
        origin, destination = self.origin.country, self.destination.country
        if origin == destination:
            return Treatment.TAXED
        if {origin, destination} <= EUROPEAN_UNION:
            return Treatment.REVERSE_CHARGE if self.buyer_registered else Treatment.TAXED
        return Treatment.EXPORT

    def rates(self, bps: int, cess_bps: int = 0) -> Rates:
        """Return the taxes for a rate of the destination, given in basis points.

        Zero-rated supplies have a rate of 0, which their invoice states; supplies that are not
        taxed have none.
        """
        if self.treatment is Treatment.NOT_TAXED:
            return ()
        charged = self.treatment is Treatment.TAXED
        bps, cess_bps = (bps, cess_bps) if charged else (0, 0)
        if self.origin.country != INDIA:
            return (Rate(TaxComponent.VAT, bps),)
        cess = (Rate(TaxComponent.CESS, cess_bps),) if cess_bps else ()
        return (*self._gst(bps), *cess)

    def _gst(self, bps: int) -> Rates:
        """Return IGST between states, else the two halves of which each is rounded by itself."""
        origin, destination = _state(self.origin), _state(self.destination)
        if destination is None or origin != destination:
            return (Rate(TaxComponent.IGST, bps),)
        if bps % 2:
            raise ValueError("A rate of GST has two equal halves.")
        second = TaxComponent.UTGST if destination in WITHOUT_LEGISLATURE else TaxComponent.SGST
        return (Rate(TaxComponent.CGST, bps // 2), Rate(second, bps // 2))


def gst_state(subdivision: str | None) -> str | None:
    """Return the code of a state of India by its name in addresses, None if it is not known."""
    name = (subdivision or "").replace("&", "and").removesuffix(" Islands")
    return GST_STATES.get(name)


def _state(place: Jurisdiction) -> str | None:
    """Return the code of a state of India, None abroad. Raises `KeyError` for an unknown one."""
    if place.country != INDIA:
        return None
    if (code := gst_state(place.subdivision)) is None:
        raise KeyError(place.subdivision)
    return code
