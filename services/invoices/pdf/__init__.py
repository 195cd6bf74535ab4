"""Documents as files: PDF, with XML inside for the European Union."""
