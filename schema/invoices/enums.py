"""Kinds and states of invoices."""

from engine.enums import publish
from models.invoices.invoices import InvoiceState
from models.invoices.series import InvoiceKind

__all__ = ["InvoiceKind", "InvoiceState"]

publish(
    InvoiceKind,
    "The kind of a document. Each kind of a seller is numbered by itself, without gaps.",
    TAX_INVOICE="An invoice of a registered seller.",
    BILL_OF_SUPPLY="A document of a seller in India under the composition scheme, or of exempt"
    " goods.",
    CREDIT_NOTE="Corrects another document after a refund.",
    COMMISSION="The platform's invoice to a vendor for the commission of a month.",
    RECEIPT="Of a seller that is not registered for tax, of a top-up, or of a debt that was paid.",
)
publish(
    InvoiceState,
    "The state of a document.",
    ISSUED="It has its number. Its PDF is being made.",
    RENDERED="Its PDF can be downloaded.",
    BLANKED="The term of bookkeeping is over: the PDF and the parties are gone.",
)
