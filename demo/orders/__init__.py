"""Seeds orders in every state in which one can stay."""
