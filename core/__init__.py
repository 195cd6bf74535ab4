"""Building blocks without GraphQL and without business rules. Every layer may import them."""
