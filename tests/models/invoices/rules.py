"""The database constraints on invoices, with SQL that violates each of them."""

from tests.models.sql import change, copy

INVOICE, SERIES = "invoice", "invoice_series"
ONE = "00000000-0000-0000-0000-000000000001"
# A trigger refuses to change what was issued.
COPIED = {"invoice": {"source_id": ONE, "code": "1" * 12, "number": "CRN/2627/000002"}}


def issued(**values: object) -> str:
    """Return a copy that differs in all that is unique."""
    return copy(INVOICE, **COPIED[INVOICE] | values)


RULES = [
    ("invoice_number_check", issued(number="")),
    ("invoice_code_check", issued(code="I" * 12)),
    ("invoice_code_check", issued(code="1" * 11)),
    ("invoice_currency_check", issued(currency="inr")),
    ("invoice_total_check", issued(total=201)),
    ("invoice_total_check", issued(platform_discount=-1, total=201)),
    ("invoice_total_check", issued(tax=-1, taxable=201)),
    ("invoice_corrects_id_check", issued(kind="RECEIPT")),
    ("invoice_corrects_id_check", issued(corrects_id=None)),
    ("invoice_parties_check", issued(vendor_id=None, buyer_id=None)),
    ("invoice_seller_check", issued(seller=None)),
    ("invoice_seller_check", change(INVOICE, "state = 'BLANKED'")),
    ("invoice_sha256_check", change(INVOICE, "state = 'RENDERED'")),
    ("invoice_invoicekind_check", issued(kind="OFFER", corrects_id=None)),
    ("invoice_invoicestate_check", change(INVOICE, "state = 'SENT'")),
    ("invoice_issuer_id_fiscal_year_number_key", copy(INVOICE, source_id=ONE, code="1" * 12)),
    ("invoice_source_id_key", copy(INVOICE, number="CRN/2627/000002", code="1" * 12)),
    ("invoice_code_key", copy(INVOICE, number="CRN/2627/000002", source_id=ONE)),
    ("invoice_series_invoicekind_check", change(SERIES, "kind = 'OFFER'")),
    ("invoice_series_fiscal_year_check", change(SERIES, "fiscal_year = 26")),
    ("invoice_series_next_check", change(SERIES, "next = 0")),
    ("invoice_series_next_check", change(SERIES, "next = 10000001")),
    ("invoice_series_issuer_id_kind_fiscal_year_key", copy(SERIES)),
]
PASSING = [
    change(INVOICE, "state = 'RENDERED', sha256 = '\\x00'"),
    change(INVOICE, "state = 'BLANKED', seller = NULL, buyer = NULL"),
    issued(),
]
