"""Rules of prices: amounts, discounts, taxes and totals. They read no rows."""
