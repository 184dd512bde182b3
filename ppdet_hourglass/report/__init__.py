"""One HTML page about an evaluation: figures, causes of errors, and every person."""
