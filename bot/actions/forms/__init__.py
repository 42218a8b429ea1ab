"""Forms: what is stored or sent is asked for one thing at a time, summed up, and confirmed before anything happens."""
