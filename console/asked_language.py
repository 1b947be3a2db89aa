"""The language of this command line, before a command starts: its help and its usage errors are said in it."""

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from extract.wording import LANGUAGES, language_of_locale

_ENV_FILE = Path(__file__).parent.parent / ".env"


def asked_language(arguments: Sequence[str]) -> str:
    """The language of the last --language before or behind a command, else that of the settings or of the locale."""
    words = [*arguments, ""]
    named = [after for option, after in pairwise(words) if option == "--language"]
    named += [word.removeprefix("--language=") for word in words if word.startswith("--language=")]
    return next((name for name in reversed(named) if name in LANGUAGES), None) or _language_of_settings()


def _language_of_settings() -> str:
    named = os.environ.get("WDH_LANGUAGE") or _in_env_file()
    return named if named in LANGUAGES else language_of_locale()


def _in_env_file() -> str | None:
    """What .env names; None also where it cannot be read, which the settings tell once a command starts."""
    try:
        if b"WDH_LANGUAGE" not in _ENV_FILE.read_bytes():
            return None
        from extract.settings import variable  # slow to import

        return variable("WDH_LANGUAGE")
    except (OSError, UnicodeDecodeError):
        return None
