"""Files of payouts for the platform's bank."""
