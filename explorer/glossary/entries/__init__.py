"""The terms, a file for each group."""
