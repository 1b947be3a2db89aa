"""Whether a place is named by a URL: asked of every command line, so this imports nothing."""


def is_url(place: object) -> bool:
    """Whether a place is named by a URL rather than a path."""
    return isinstance(place, str) and "://" in place
