"""Build-time tools: schema, compatibility check, documents."""
