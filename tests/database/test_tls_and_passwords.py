"""TLS reaches libpq and dbt from the settings; passwords reach the server, and nothing else."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
import yaml

from conftest import SECRET, Checkout, Database, make_database, variables
from extract.database.connection import Target, transaction
from extract.database.targets import server_target
from extract.errors.base import ExitCode
from extract.errors.configuration import InvalidSetting
from extract.errors.database import DatabaseRefused
from extract.settings import ROOT, Timeouts, load_settings
from failing import SLEEPING_COPY, OwnServer, own_server, wait_until
from servers import Clusters
from small_project import write_small_project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
EXECUTE = ("--execute", "--reload", "--data-dir", str(ROOT / "data"))
URI = "postgresql://u@h/d"


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting of ours."""
    import os

    for name in [name for name in os.environ if name.upper().startswith("WDH_")]:
        monkeypatch.delenv(name)
    return monkeypatch


def target_of(root: Path, clean: pytest.MonkeyPatch, **values: str) -> Target:
    """The target of these settings, all of them below WDH_DATABASE__."""
    for name, value in values.items():
        clean.setenv(f"WDH_DATABASE__{name}", value)
    database = load_settings(root).database
    assert database is not None
    return server_target(database)


# --- settings ------------------------------------------------------------------------------------------------------


def test_the_timeouts_alone_leave_the_embedded_database(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    clean.setenv("WDH_DATABASE__STATEMENT_TIMEOUT", "1.5")
    clean.setenv("WDH_DATABASE__LOCK_TIMEOUT", "0.5")
    settings = load_settings(tmp_path)
    assert settings.database is None
    assert settings.timeouts == Timeouts(statement=1.5, lock=0.5)


def test_a_server_has_the_timeouts_too(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    assert target_of(tmp_path, clean, URI=URI, LOCK_TIMEOUT="3").timeouts == Timeouts(statement=600, lock=3)


@pytest.mark.parametrize(
    ("values", "named", "problem"),
    [
        ({"STATEMENT_TIMEOUT": "0"}, "STATEMENT_TIMEOUT", "greater than 0"),
        ({"LOCK_TIMEOUT": "-1"}, "LOCK_TIMEOUT", "greater than 0"),
        ({"LOCK_TIMEOUT": "soon"}, "LOCK_TIMEOUT", "number"),
        ({"LOCK_TIMEOUT": "nan"}, "LOCK_TIMEOUT", "less than"),
        ({"STATEMENT_TIMEOUT": "1e9"}, "STATEMENT_TIMEOUT", "less than"),
        ({"LOCK_TIMEOUT": "1", "USER": "u"}, "HOST", "is missing"),
        ({"SSLMODE": "require"}, "HOST", "is missing"),
        ({"URI": URI, "SSLMODE": "verify_full"}, "SSLMODE", "did you mean verify-full?"),
        ({"URI": f"{URI}?sslmode=requir"}, "URI", "did you mean require?"),
        ({"URI": f"{URI}?sslmode=require", "SSLMODE": "disable"}, "SSLMODE", "which one is meant?"),
        ({"URI": f"{URI}?sslrootcert=/a", "SSLROOTCERT": "/b"}, "SSLROOTCERT", "which one is meant?"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, clean: pytest.MonkeyPatch, values: dict[str, str], named: str, problem: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        target_of(tmp_path, clean, **values)
    assert caught.value.variable == f"WDH_DATABASE__{named}"
    assert problem in caught.value.problem


def test_a_uri_and_the_settings_of_tls_add_up(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    uri = f"{URI}?sslmode=verify-full&sslcert=client.crt"
    target = target_of(tmp_path, clean, URI=uri, SSLMODE="verify-full", SSLROOTCERT="ca.crt", PASSWORD="p")
    assert {name: target.parameters[name] for name in ("sslmode", "sslrootcert", "sslcert", "password")} == {
        "sslmode": "verify-full",
        "sslrootcert": str(tmp_path / "ca.crt"),
        "sslcert": str(ROOT / "client.crt"),
        "password": "p",
    }


def test_the_certificates_of_the_system(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    assert target_of(tmp_path, clean, URI=URI, SSLROOTCERT="system").parameters["sslrootcert"] == "system"


def test_an_unknown_sslmode_is_a_usage_error(checkout: Checkout) -> None:
    settings = {"HOST": "h", "USER": "u", "DB": "d", "SSLMODE": "ful"}
    done = checkout.run(*EXECUTE, **{f"WDH_DATABASE__{name}": value for name, value in settings.items()})
    assert done.returncode == ExitCode.USAGE
    assert "ful is no sslmode: did you mean verify-full?" in done.stderr


# --- TLS -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Authority:
    """A folder with the certificate and key of an authority, and of whom it certifies."""

    folder: Path

    def certify(self, name: str, subject: str, alternatives: str) -> None:
        """Make NAME.crt and NAME.key."""
        request, extension = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={alternatives}\n")
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}",
                     "-keyout", f"{name}.key", "-out", str(request))  # fmt: skip
        self.openssl("x509", "-req", "-in", str(request), "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", "2", "-extfile", str(extension), "-out", f"{name}.crt")  # fmt: skip
        (self.folder / f"{name}.key").chmod(0o600)

    def openssl(self, *arguments: str) -> None:
        """Run openssl in the folder."""
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    """Certificates of the server 127.0.0.1, of a server elsewhere, and of the role `certified`."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    with tempfile.TemporaryDirectory(prefix="workdatahub-tests-") as name:
        made = Authority(Path(name))
        made.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tests", "-days", "2",
                     "-keyout", "ca.key", "-out", "ca.crt")  # fmt: skip
        made.certify("server", "127.0.0.1", "IP:127.0.0.1")
        made.certify("elsewhere", "db.example.org", "DNS:db.example.org")
        made.certify("client", "certified", "DNS:client")
        yield made


@pytest.fixture(scope="module")
def tls_server(authority: Authority, clusters: Clusters) -> Iterator[OwnServer]:
    """A server that takes connections by TCP with TLS only, and `certified` with a certificate only."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        pytest.skip("needs a PostgreSQL with TLS, such as Debian's; that of the wheel has none")
    with (
        tempfile.TemporaryDirectory(prefix="workdatahub-tests-", ignore_cleanup_errors=True) as name,
        own_server(Path(name), programs[-1].parent, clusters) as server,
    ):
        server.write("pg_hba.conf", "local all all trust\nhostssl all certified all cert\nhostssl all all all trust\n")
        present(server, authority, "server")
        Database(server.target).query("create role certified login superuser")
        yield server


def present(server: OwnServer, authority: Authority, name: str) -> None:
    """Restart the server with one of the certificates."""
    server.stop()
    for suffix in ("crt", "key"):
        server.write(f"server.{suffix}", (authority.folder / f"{name}.{suffix}").read_text())
    server.write("ca.crt", (authority.folder / "ca.crt").read_text())
    server.write("postgresql.auto.conf", "ssl = on\nssl_ca_file = 'ca.crt'\n")
    server.start()


@pytest.fixture
def by_tls(checkout: Checkout, tls_server: OwnServer, authority: Authority) -> Iterator[Checkout]:
    """A copy of the checkout, with certificates in `tls/`, whose commands use a database of this server."""
    shutil.copytree(authority.folder, checkout.root / "tls")
    for database in make_database(tls_server.target):
        settings = {"HOST": "127.0.0.1", "SSLMODE": "verify-full", "SSLROOTCERT": "tls/ca.crt"}
        own = {f"WDH_DATABASE__{name}": value for name, value in settings.items()}
        yield Checkout(checkout.root, database.environment | own)


def test_verify_full_with_the_authority(by_tls: Checkout) -> None:
    done = by_tls.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    output = yaml.safe_load((by_tls.root / "profiles.yml").read_text(encoding="utf-8"))["workdatahub"]["outputs"]
    assert output["server"]["sslmode"] == "verify-full"
    assert output["server"]["sslrootcert"] == str(by_tls.root / "tls" / "ca.crt")
    debug = by_tls.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout


def test_a_client_certificate_and_the_example_of_a_profile(by_tls: Checkout) -> None:
    files = {"USER": "certified", "SSLCERT": "tls/client.crt", "SSLKEY": "tls/client.key"}
    own = {f"WDH_DATABASE__{name}": value for name, value in files.items()}
    certified = Checkout(by_tls.root, by_tls.environment | own)
    done = certified.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    shutil.copy2(ROOT / "profiles.yml.example", certified.root / "profiles.yml")
    debug = certified.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"SSLROOTCERT": "tls/server.crt"}, "certificate verify failed"),
        ({"SSLROOTCERT": "tls/none.crt"}, "does not exist"),
        ({"SSLMODE": "disable"}, "no encryption"),
        ({"USER": "certified"}, "requires a valid client certificate"),
    ],
)
def test_without_what_the_server_or_we_demand_there_is_no_load(
    by_tls: Checkout, changed: dict[str, str], problem: str
) -> None:
    done = by_tls.run(*EXECUTE, **{f"WDH_DATABASE__{name}": value for name, value in changed.items()})
    assert done.returncode == ExitCode.DATABASE
    assert problem in done.stderr


def test_verify_full_refuses_the_certificate_of_another_host(
    by_tls: Checkout, tls_server: OwnServer, authority: Authority
) -> None:
    present(tls_server, authority, "elsewhere")
    try:
        done = by_tls.run(*EXECUTE)
        trusting = by_tls.run(*EXECUTE, WDH_DATABASE__SSLMODE="verify-ca")
    finally:
        present(tls_server, authority, "server")
    assert done.returncode == ExitCode.DATABASE
    assert "does not match host name" in done.stderr
    assert trusting.returncode == ExitCode.OK, trusting.stderr


# --- passwords -----------------------------------------------------------------------------------------------------


def without_password(target: Target) -> dict[str, str]:
    """The variables of the database `owned` without the password."""
    settings = variables(target, DB="owned")
    del settings["WDH_DATABASE__PASSWORD"]
    return settings


def test_a_password_of_pgpass(strict_server: Target, checkout: Checkout, tmp_path: Path) -> None:
    pgpass = tmp_path / ".pgpass"
    pgpass.write_text(f"127.0.0.1:{strict_server.parameters['port']}:owned:loader:{SECRET}\n")
    pgpass.chmod(0o600)
    home = Checkout(checkout.root, without_password(strict_server) | {"HOME": str(tmp_path)})
    done = home.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    debug = home.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout
    pgpass.unlink()
    assert "no password supplied" in home.run(*EXECUTE).stderr


@pytest.mark.heavy
def test_a_password_of_the_env_file(strict_server: Target, checkout: Checkout) -> None:
    (checkout.root / ".env").write_text(f"WDH_DATABASE__PASSWORD={SECRET}\n")
    done = checkout.run(*EXECUTE, "--build", **without_password(strict_server))
    assert done.returncode == ExitCode.OK, done.stderr
    assert SECRET not in done.stdout + done.stderr


def percent_encoded(target: Target, password: str = SECRET) -> str:
    """A URI whose password is written in escapes."""
    escaped = "".join(f"%{byte:02X}" for byte in password.encode())
    return f"postgresql://loader:{escaped}@127.0.0.1:{target.parameters['port']}/owned"


@pytest.mark.heavy
def test_a_password_in_escapes(strict_server: Target, checkout: Checkout) -> None:
    own = Checkout(checkout.root, {"WDH_DATABASE__URI": percent_encoded(strict_server)})
    done = own.run(*EXECUTE)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "export WDH_DATABASE__PASSWORD" in done.stdout
    assert own.run(*EXECUTE, "--build").returncode == ExitCode.OK
    exported = Checkout(own.root, own.environment | {"WDH_DATABASE__PASSWORD": SECRET})
    debug = exported.dbt("debug", "--connection")
    assert debug.returncode == 0, debug.stdout


def words_in_files(folder: Path, words: tuple[str, ...]) -> list[str]:
    """The files below a folder that hold one of the words."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if any(word.encode() in path.read_bytes() for word in words)]


@pytest.mark.parametrize(
    "kind",
    ["variables", pytest.param("uri", marks=pytest.mark.heavy), pytest.param("escapes", marks=pytest.mark.heavy)],
)
def test_a_password_appears_nowhere(strict_server: Target, checkout: Checkout, kind: str) -> None:
    escaped = percent_encoded(strict_server)
    settings = {
        "variables": variables(strict_server, DB="owned"),
        "uri": {"WDH_DATABASE__URI": escaped.replace(escaped.split(":")[2].split("@")[0], SECRET)},
        "escapes": {"WDH_DATABASE__URI": escaped},
    }[kind]
    words = (SECRET, escaped.split(":")[2].split("@")[0])
    loud = ("-v", "--debug", "--log-format", "json")
    write_small_project(checkout.root)
    runs = [
        checkout.run(*EXECUTE, "--build", "--plan-dir", "plan", *loud, **settings),
        checkout.run("--data-dir", str(ROOT / "data"), *loud, **settings),
    ]
    assert [done.returncode for done in runs] == [0, 0], [done.stderr for done in runs]
    wrong = {name: value.replace("/owned", "/nowhere").replace("owned", "nowhere") for name, value in settings.items()}
    runs.append(checkout.run(*EXECUTE, *loud, **wrong))
    wrong = {name: value.replace("loader", "stranger") for name, value in settings.items()}
    runs.append(checkout.run(*EXECUTE, *loud, **wrong))
    wrong = {name: value.replace(strict_server.parameters["port"], "1") for name, value in settings.items()}
    runs.append(checkout.run(*EXECUTE, *loud, **wrong))
    assert [done.returncode for done in runs[2:]] == [3, 3, 3]
    assert [word for word in words for done in runs if word in done.stdout + done.stderr] == []
    assert words_in_files(checkout.root, words) == []


def test_a_wrong_password_is_not_repeated(strict_server: Target, checkout: Checkout) -> None:
    wrong = "wr0ng:p@ss/word%"
    uri = f"postgresql://loader:{quote(wrong, safe='')}@127.0.0.1:{strict_server.parameters['port']}/owned"
    for settings in (variables(strict_server, DB="owned", PASSWORD=wrong), {"WDH_DATABASE__URI": uri}):
        done = checkout.run(*EXECUTE, "-v", "--debug", "--log-format", "json", **settings)
        assert done.returncode == ExitCode.DATABASE
        assert "login_rejected" in done.stderr
        for word in (wrong, quote(wrong, safe="")):
            assert word not in done.stdout + done.stderr


def test_a_message_that_repeats_the_password_is_cleaned(database: Database) -> None:
    target = Target({**database.target.parameters, "password": SECRET})
    with pytest.raises(DatabaseRefused) as caught, transaction(target) as connection:
        connection.cursor().execute("select cast(%s as integer)", (SECRET,))
    assert '"***"' in caught.value.message
    assert SECRET not in caught.value.message


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_a_password_is_in_no_process_list(strict_server: Target, checkout: Checkout) -> None:
    settings = variables(strict_server, DB="owned")
    assert checkout.run(*EXECUTE, **settings).returncode == ExitCode.OK
    database = Database(Target({**strict_server.parameters, "dbname": "owned"}))
    database.query(SLEEPING_COPY)
    running = subprocess.Popen(
        checkout.command(*EXECUTE, "-q"), cwd=checkout.root, env=checkout.env(**settings), stderr=subprocess.DEVNULL
    )
    try:
        sleeping = "select 1 from pg_stat_activity where query like 'COPY%' and wait_event = 'PgSleep'"
        wait_until(lambda: database.query(sleeping) or running.poll() is not None, "the load never came to its COPY")
        lines = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                lines.append((process / "cmdline").read_bytes())
            except OSError:
                continue
        assert any(b"run.py" in line for line in lines)
        assert [line for line in lines if SECRET.encode() in line] == []
    finally:
        running.terminate()
        running.wait(30)
        database.query("drop trigger sleeping on staging.trustee_performance")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(**{**strict_server.parameters, "password": "another"})
