"""Build-time tools: the printed schema, its compatibility check, and generated documents."""
