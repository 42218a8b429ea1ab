"""The conversation: Rasa's engine and training data, and the actions it calls."""
