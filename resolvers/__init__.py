"""Verbs: the root fields of Query and Mutation, a few lines each."""
