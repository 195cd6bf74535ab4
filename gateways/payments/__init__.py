"""Payment providers: how money is collected, given back and paid out."""
