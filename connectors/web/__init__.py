"""The page: views rendered on the server, and the small scripts that make the conversation on them quicker."""
