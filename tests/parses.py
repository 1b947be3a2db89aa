"""What dbt learned as it parsed a project, made out as learned in another checkout and for another database.

dbt parses anew where connection, root or project differ from what its file says. The server of forks parses the real
project and the small one once; a command on either of them reads that, with its own names put in. Where dbt should
change what it compares, it parses anew as ever: the tests would only take longer.
"""

import ast
import hashlib
import pprint
from pathlib import Path

import msgpack

import small_project

ROOT = Path(__file__).resolve().parent.parent
CONNECTION = {"host": "host_of_the_kept_parse", "port": 54321, "user": "user_of_the_kept_parse",
              "database": "database_of_the_kept_parse"}  # fmt: skip
"""What the server of forks tells dbt, which connects to nothing as it parses."""
_PARSING = {"setup", "status", "reset", "docs", "--build"}
_VARIABLES = {"host": "HOST", "port": "PORT", "user": "USER", "database": "DB"}


def parse_for(folder: Path, root: Path, command: list[str], environment: dict[str, str]) -> Path | None:
    """The file for a command at the root of a checkout; None where nothing is kept that would fit.

    `folder` is where the server keeps `real.msgpack`, `small.msgpack`, and with `.root` and `.connection` what these
    were made with.
    """
    given = {name: environment.get(f"WDH_DATABASE__{variable}") for name, variable in _VARIABLES.items()}
    if None in given.values() or not (command[1].endswith("dbt") or _PARSING.intersection(command)):
        return None
    project = (root / "dbt_project.yml").read_text(encoding="utf-8")
    known = {(ROOT / "dbt_project.yml").read_text(encoding="utf-8"): "real", small_project.PROJECT: "small"}
    kept = folder / f"{known.get(project)}.msgpack"
    if not kept.exists():
        return None
    path = folder / f"{hashlib.sha256(f'{root}{given}'.encode()).hexdigest()}-{kept.name}"
    if not path.exists():
        connection = ast.literal_eval(kept.with_suffix(".connection").read_text())
        other = [(name, int(given[name] or 0) if name == "port" else given.get(name, value))
                 for name, value in connection]  # fmt: skip
        names = {str(CONNECTION["database"]): str(given["database"]), kept.with_suffix(".root").read_text(): str(root),
                 _checksum(connection): _checksum(other)}  # fmt: skip
        path.write_bytes(msgpack.packb(_renamed(msgpack.unpackb(kept.read_bytes(), strict_map_key=False), names)))
    return path


def _checksum(connection: list[tuple[str, object]]) -> str:
    """As dbt makes it (ManifestLoader.build_manifest_state_check)."""
    return hashlib.sha256(pprint.pformat(connection).encode()).hexdigest()


def _renamed(value: object, names: dict[str, str]) -> object:
    if isinstance(value, str):
        for old, new in names.items():
            if old in value:
                value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):  # not a tuple: dbt's dates are ExtType, which is one
        return [_renamed(item, names) for item in value]
    return value
