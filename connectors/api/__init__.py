"""The REST API: /api/v1 for people's programs, /internal for Rasa, health and metrics for operators."""
