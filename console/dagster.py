"""What `dagster` shows."""

from extract.wording import say


def show_address(address: str) -> None:
    """Where the pages are; at once, since the process goes on serving them."""
    print(say("Dagster: {address}  (Ctrl-C ends it; its log follows)", address=address), flush=True)
