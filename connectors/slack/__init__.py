"""Slack: what arrives is verified and translated, what is answered is rendered in Block Kit. Off without settings."""
