"""Files for banks: SEPA by the schema of ISO 20022, and a list for NEFT."""

import csv
import io
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree

from core.clock import now
from core.ids import new_id
from core.settings import Settings
from models.payouts.files import PayoutFilesOff, PayoutFormat
from services.payouts.files.formats import NAMESPACE, BankTransfer, Debtor, write_bank_file

SCHEMA = Path(__file__).parent / "pain.001.001.09.xsd"
IBANS = ("DE89370400440532013000", "FR1420041010050500013M02606")
DEBTOR = Debtor("Haat GmbH", "NL91ABNA0417164300")


def transfers(currency: str = "EUR") -> list[BankTransfer]:
    return [
        BankTransfer(new_id(), 123_45, currency, "Muellers Laden", IBANS[0], None),
        BankTransfer(new_id(), 1_00, currency, "Bread & Butter", IBANS[1], "BNPAFRPP"),
    ]


@pytest.mark.parametrize("bank_code", ["", "ABNANL2A"])
def test_sepa_files_are_valid_and_always_the_same(bank_code: str) -> None:
    """A bank refuses a file with an id that it knows."""
    wanted, file_id, made_at = transfers(), new_id(), now()
    debtor = Debtor(DEBTOR.name, DEBTOR.number, bank_code)
    files = [
        write_bank_file(PayoutFormat.SEPA_XML, file_id, made_at, debtor, order)
        for order in (wanted, wanted[::-1])
    ]
    assert files[0] == files[1]
    root = etree.fromstring(files[0].content)
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(root)
    found = {
        name: root.findall(f".//{{{NAMESPACE}}}{name}")
        for name in ("CtrlSum", "NbOfTxs", "EndToEndId", "InstdAmt", "MsgId")
    }
    assert [one.text for one in found["CtrlSum"]] == ["124.45", "124.45"]
    assert [one.text for one in found["NbOfTxs"]] == ["2", "2"]
    assert [one.text for one in found["MsgId"]] == [file_id.hex]
    ids = {UUID(one.text or "") for one in found["EndToEndId"]}
    assert ids == {one.payout_id for one in wanted}
    assert sorted(one.text or "" for one in found["InstdAmt"]) == ["1.00", "123.45"]


def test_neft_files_list_the_transfers() -> None:
    wanted = transfers("INR")
    file = write_bank_file(PayoutFormat.NEFT_CSV, new_id(), now(), DEBTOR, wanted)
    rows = [*csv.DictReader(io.StringIO(file.content.decode(), newline=""))]
    assert [(row["Beneficiary Name"], row["Amount"], row["Reference"]) for row in rows] == [
        ("Muellers Laden", "123.45", wanted[0].payout_id.hex),
        ("Bread & Butter", "1.00", wanted[1].payout_id.hex),
    ]


def test_files_need_the_account_of_the_platform() -> None:
    settings = Settings.for_tools(payout_debtor_name="Haat", payout_debtor_account="123456789")
    assert Debtor.of(settings, "INR").number == "123456789"
    for currency in ("EUR", "NGN"):
        with pytest.raises(PayoutFilesOff):
            Debtor.of(settings, currency)
