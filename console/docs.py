"""What `docs` shows."""

from extract.wording import again, say


def show_documentation(where: str, hint: str = "") -> None:
    """Where the documentation is; at once, since the process may go on serving it."""
    print(say("documentation: {place}", place=where) + (f"  ({again(hint)})" if hint else ""), flush=True)
