"""Plain HTTP that is not GraphQL."""
