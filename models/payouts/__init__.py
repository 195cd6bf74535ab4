"""Money that goes out to vendors: their accounts, payouts, files for banks, and debts."""
