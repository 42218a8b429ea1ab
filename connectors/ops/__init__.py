"""Set-up of the environments, the dialogue model and the shipped corpus: `python -m connectors.ops COMMAND`.

It runs before anything is installed, so it uses the standard library alone.
"""
