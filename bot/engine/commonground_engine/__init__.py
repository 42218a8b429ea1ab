"""What runs inside Rasa: the gateway channel and the tokenizer that asks the application what a text names."""
