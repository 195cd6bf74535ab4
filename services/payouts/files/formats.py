"""Files of transfers for banks: a list for NEFT as CSV, and SEPA credit transfers as pain.001.

The same payouts give the same bytes, with the same ids, so that a bank refuses a file that is
handed over twice. sepaxml 2.7.0 was tried: it numbers each export at random.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lxml import etree

from core.money import decimal
from core.settings import Settings
from models.payouts.files import PayoutFilesOff, PayoutFormat

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NEFT_COLUMNS = (
    "Transaction Type", "Debit Account", "Beneficiary Name", "Beneficiary Account", "IFSC",
    "Amount", "Currency", "Reference", "Remarks",
)  # fmt: skip
REMARKS = "Haat payout"


@dataclass(frozen=True)
class Debtor:
    """The platform's account, from which the bank pays. `bank_code` is a BIC, or empty."""

    name: str
    number: str
    bank_code: str = ""

    @classmethod
    def of(cls, settings: Settings, currency: str) -> "Debtor":
        """Return the account for a currency. Raises `PayoutFilesOff`."""
        number = {
            PayoutFormat.NEFT_CSV: settings.payout_debtor_account,
            PayoutFormat.SEPA_XML: settings.payout_debtor_iban,
            None: "",
        }[PayoutFormat.of(currency)]
        if not number or not settings.payout_debtor_name:
            raise PayoutFilesOff
        return cls(settings.payout_debtor_name, number, settings.payout_debtor_bic)


@dataclass(frozen=True)
class BankTransfer:
    """An amount for a vendor. `bank_code` is an IFSC or a BIC."""

    payout_id: UUID
    amount: int
    currency: str
    holder: str
    number: str
    bank_code: str | None

    @property
    def reference(self) -> str:
        """Return the id that the bank shows: 32 characters, and SEPA allows 35."""
        return self.payout_id.hex

    @property
    def decimal(self) -> str:
        return decimal(self.amount, self.currency)


@dataclass(frozen=True)
class BankFile:
    """The content of a file."""

    name: str
    media_type: str
    content: bytes


def write_bank_file(
    format: PayoutFormat,
    file_id: UUID,
    made_at: datetime,
    debtor: Debtor,
    transfers: Sequence[BankTransfer],
) -> BankFile:
    """Return a file with transfers, in the order of their ids."""
    ordered = sorted(transfers, key=lambda one: one.payout_id)
    if format is PayoutFormat.NEFT_CSV:
        return BankFile(f"neft-{file_id.hex}.csv", "text/csv", _neft(debtor, ordered))
    content = _sepa(file_id, made_at, debtor, ordered)
    return BankFile(f"sepa-{file_id.hex}.xml", "application/xml", content)


def _neft(debtor: Debtor, transfers: Sequence[BankTransfer]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(NEFT_COLUMNS)
    for one in transfers:
        writer.writerow(
            (
                *("NEFT", debtor.number, one.holder, one.number, one.bank_code),
                *(one.decimal, one.currency, one.reference, REMARKS),
            )
        )
    return text.getvalue().encode()


def _sepa(
    file_id: UUID, made_at: datetime, debtor: Debtor, transfers: Sequence[BankTransfer]
) -> bytes:
    namespaces: Any = {None: NAMESPACE}
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap=namespaces)
    initiation = _add(root, "CstmrCdtTrfInitn")
    total = decimal(sum(one.amount for one in transfers), "EUR")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", file_id.hex)
    _add(header, "CreDtTm", f"{made_at:%Y-%m-%dT%H:%M:%SZ}")
    _add(header, "NbOfTxs", str(len(transfers)))
    _add(header, "CtrlSum", total)
    _add(header, "InitgPty/Nm", debtor.name)
    payment = _add(initiation, "PmtInf")
    _add(payment, "PmtInfId", file_id.hex)
    _add(payment, "PmtMtd", "TRF")
    _add(payment, "NbOfTxs", str(len(transfers)))
    _add(payment, "CtrlSum", total)
    _add(payment, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _add(payment, "ReqdExctnDt/Dt", f"{made_at:%Y-%m-%d}")
    _add(payment, "Dbtr/Nm", debtor.name)
    _add(payment, "DbtrAcct/Id/IBAN", debtor.number)
    _add_bank(payment, "DbtrAgt", debtor.bank_code)
    _add(payment, "ChrgBr", "SLEV")
    for one in transfers:
        _add_transfer(payment, one)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add_transfer(payment: etree._Element, one: BankTransfer) -> None:
    transfer = _add(payment, "CdtTrfTxInf")
    _add(transfer, "PmtId/EndToEndId", one.reference)
    amount = _add(transfer, "Amt/InstdAmt", one.decimal)
    amount.set("Ccy", one.currency)
    if one.bank_code:
        _add_bank(transfer, "CdtrAgt", one.bank_code)
    _add(transfer, "Cdtr/Nm", one.holder)
    _add(transfer, "CdtrAcct/Id/IBAN", one.number)
    _add(transfer, "RmtInf/Ustrd", f"{REMARKS} {one.reference}")


def _add_bank(parent: etree._Element, name: str, bank_code: str) -> None:
    """Add the agent of a bank. SEPA finds it by the IBAN if there is no BIC."""
    if bank_code:
        _add(parent, f"{name}/FinInstnId/BICFI", bank_code)
    else:
        _add(parent, f"{name}/FinInstnId/Othr/Id", "NOTPROVIDED")


def _add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """Add elements within each other, with the text in the innermost one."""
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    parent.text = text
    return parent
