"""Answers taken from the texts and fields of records, word for word, with the span each of them stands in."""
