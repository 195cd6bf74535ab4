"""Documents for commission: an invoice for each month, and credit notes for what went back."""
