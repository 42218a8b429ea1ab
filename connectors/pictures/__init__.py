"""Pictures of answers: pure functions from plain rows to SVG and PNG. They know nothing of records or pages."""
