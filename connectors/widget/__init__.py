"""The chat that other sites embed: a web component, and the requests it makes."""
