"""How our tables came to be, one step a file (Alembic); run by ``database.upgrade``."""
