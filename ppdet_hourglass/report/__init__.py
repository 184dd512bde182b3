"""One HTML page about an evaluation: figures, causes of errors, and every person."""

#: People whose pictures the page holds by default.
PICTURES = 400
