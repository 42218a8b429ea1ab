"""The corpus that ships with the application: every organisation and activity in it is invented."""

from pathlib import Path

FILES = Path(__file__).parent / "files"
"""The folder with sources.yml, which declares every file and who may see it."""
