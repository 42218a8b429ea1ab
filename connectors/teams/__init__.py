"""Microsoft Teams: what arrives is verified and translated, what is answered becomes an Adaptive Card. Off without
settings."""
