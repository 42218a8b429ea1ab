"""What the bot does: one capability per intent, called by Rasa, run by the application."""
