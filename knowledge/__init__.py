"""What is known: records, where they came from, and who may see them. Imports nothing from bot or connectors."""
