"""Answers as people read them: findings of the knowledge package put into words, tables and citations."""
