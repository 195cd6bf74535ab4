"""What every room of the house may use: no word of the business is spoken here."""
