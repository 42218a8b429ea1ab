"""The corpus that ships with the application: every organisation and activity in it is invented."""
