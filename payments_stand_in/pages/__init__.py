"""Pages for people: the money, the card form, the bank's confirmation and the onboarding."""
