"""Events and tickets."""
