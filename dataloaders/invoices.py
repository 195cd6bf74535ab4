"""Loaders of invoices."""

from engine.loaders import by_id, children, visible
from models.invoices.invoices import Invoice
from services.invoices.access import visible_invoices

invoice_by_id = by_id(Invoice)
visible_invoice = visible(Invoice, visible_invoices)
invoices_of_order = children(Invoice, "order_id", visible_invoices)
invoices_of_suborder = children(Invoice, "suborder_id", visible_invoices)
invoices_of_purchase = children(Invoice, "source_id", visible_invoices)
credit_notes_of_refund = children(Invoice, "refund_id", visible_invoices)
credit_notes_of_invoice = children(Invoice, "corrects_id", visible_invoices)
