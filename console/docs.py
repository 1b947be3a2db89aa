"""What `docs` shows."""


def show_documentation(where: str, hint: str = "") -> None:
    """Where the documentation is; at once, since the process may go on serving it."""
    print(f"documentation: {where}" + (f"  ({hint})" if hint else ""), flush=True)
