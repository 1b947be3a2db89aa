"""What `dagster` shows."""


def show_address(address: str) -> None:
    """Where the pages are; at once, since the process goes on serving them."""
    print(f"Dagster: {address}  (Ctrl-C ends it; its log follows)", flush=True)
