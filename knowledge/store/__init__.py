"""The truth: SQLite through SQLAlchemy. Everything else (vectors, lexicon, counts) is rebuilt from here."""
