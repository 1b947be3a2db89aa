"""Who runs this process: the login of the system and the machine, as the ledger and the plans name a person."""

import os
import socket


def login() -> str:
    """The name of the user that the system runs this process as, whatever the environment says; else its number."""
    if os.name == "nt":
        return os.getlogin()
    import pwd  # there is none on Windows

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # of a container
        return f"uid {os.getuid()}"


def person() -> str:
    """The login with the machine: `anna@laptop`."""
    return f"{login()}@{socket.gethostname()}"


def same_login(one: str, other: str) -> bool:
    """Whether two persons have one login, on whichever machines."""
    return one.rpartition("@")[0] == other.rpartition("@")[0]
