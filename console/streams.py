"""The streams of a command before anything is shown: what they can hold, and a line on stderr. Starts quickly."""

import io
import sys


def use_any_encoding() -> None:
    """Print what the encoding of the output cannot hold as question marks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def show_message(message: str) -> None:
    """One line on stderr."""
    print(message, file=sys.stderr)
