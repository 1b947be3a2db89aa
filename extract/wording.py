"""The one door through which every text goes that a mender, reviewer or analyst reads, so that a catalogue can take it.

A text is one whole message with named gaps; no sentence is put together from parts.
"""


def say(message: str, /, **gaps: object) -> str:
    """A message with its gaps filled; a gap that is a number says in the message how it is written, as {rows:,}."""
    return message.format(**gaps) if gaps else message
