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
    named = os.environ.get("WDH_LANGUAGE")
    if not named and _ENV_FILE.is_file() and b"WDH_LANGUAGE" in _ENV_FILE.read_bytes():
        from extract.settings import variable  # slow to import

        named = variable("WDH_LANGUAGE")
    return named if named in LANGUAGES else language_of_locale()
