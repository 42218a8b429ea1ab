"""Retrieval in memory: columns of records, postings of words and vectors of passages, kept at the published version."""
