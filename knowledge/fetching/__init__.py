"""Files from elsewhere: which addresses may be reached, and how a file is taken from one without ever losing a byte."""
