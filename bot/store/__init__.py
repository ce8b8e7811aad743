"""The database: tables, one unit of work, and queries by subject."""
