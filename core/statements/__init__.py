"""SQL statements that are compiled once and sent by asyncpg, without SQLAlchemy's sessions."""
