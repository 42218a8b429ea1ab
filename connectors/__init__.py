"""Where people are: HTTP, the page, the command line. Nothing imports this package."""
