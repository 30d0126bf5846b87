"""Process settings: strict, with secrets from outside only."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.errors import ConfigError
from acd.rules import Settings, load_settings
from tests.rules.good import ENV, SETTINGS

SHIPPED = Path(__file__).parents[2] / "config" / "acd.yaml"
SECRET = "correct-horse-battery"
SECRETS = {"ACD_AMI_SECRET": "x", "ACD_API_TOKEN": SECRET, "ACD_HASH_KEY": SECRET * 2}


def load(folder: Path, text: str, env: dict[str, str] | None = None) -> Settings:
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "acd.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder / "acd.yaml", ENV if env is None else env)


def findings_of(folder: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, env)
    return [line.removeprefix(f"{folder.as_posix()}/acd.yaml:") for line in caught.value.findings]


def test_the_shipped_settings_are_right() -> None:
    """config/acd.yaml loads once its three secrets are given."""
    settings = load_settings(SHIPPED, SECRETS)
    assert [(node.id, node.host, node.port, node.username) for node in settings.nodes] == [
        ("ast1", "127.0.0.1", 5038, "acd")
    ]
    assert (settings.api.address, settings.api.port) == ("127.0.0.1", 8088)
    assert (settings.metrics.address, settings.metrics.port) == ("127.0.0.1", 9188)
    assert settings.rules.resolve() == SHIPPED.parents[1] / "routing_rules"


def test_the_shipped_settings_have_no_default_secret() -> None:
    """Without the environment nothing starts, and each missing secret is named."""
    with pytest.raises(ConfigError) as caught:
        load_settings(SHIPPED, {})
    assert [line.partition(": ")[2] for line in caught.value.findings] == [
        "the environment variable ACD_AMI_SECRET is not set; set it before the start.",
        "the environment variable ACD_API_TOKEN is not set; set it before the start.",
        "the environment variable ACD_HASH_KEY is not set; set it before the start.",
    ]


def test_the_shipped_settings_state_the_defaults(tmp_path: Path) -> None:
    """What the shipped file writes out is what holds without it."""
    least = load(tmp_path, SETTINGS.partition("api:")[0])
    shipped = load_settings(SHIPPED, SECRETS)
    assert (least.timings, least.metrics, least.log) == (shipped.timings, shipped.metrics, shipped.log)
    assert least.api.tokens == (), "without tokens nobody may do anything"


def test_a_secret_never_shows_in_settings(tmp_path: Path) -> None:
    """Printed settings show stars."""
    settings = load(tmp_path, SETTINGS)
    assert settings.nodes[0].secret.get_secret_value() == ENV["ACD_AMI_SECRET"]
    assert not any(secret in repr(settings) + settings.model_dump_json() for secret in ENV.values())


def test_a_secret_may_come_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    """The path counts from the settings' folder; the newline at the end is no part of it."""
    (tmp_path / "ami").write_text(SECRET + "\n")
    settings = load(tmp_path, SETTINGS.replace("secret_env: ACD_AMI_SECRET", "secret_file: ami"))
    assert settings.nodes[0].secret.get_secret_value() == SECRET


def test_relative_paths_count_from_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may start anywhere."""
    monkeypatch.chdir("/")
    assert load(tmp_path, SETTINGS).rules == tmp_path / "rules"


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """A plain secret is told without being told."""
    text = SETTINGS.replace("secret_env: ACD_AMI_SECRET", f"secret: {SECRET}")
    assert findings_of(tmp_path, text) == [
        (
            "4:5: a secret must not stand here, and this one has been seen: choose another, put it in a file "
            "named by secret_file or in an environment variable named by secret_env."
        )
    ]


TROUBLES = {
    "token-in-the-file": (
        "token_env: ACD_API_TOKEN",
        f"token: {SECRET}",
        (
            "10:7: a token must not stand here, and this one has been seen: choose another, put it in a file "
            "named by token_file or in an environment variable named by token_env."
        ),
    ),
    "secret-as-a-variable's-name": (
        "ACD_AMI_SECRET",
        SECRET,
        "4:17: this is not the name of an environment variable: capitals, digits and _.",
    ),
    "no-secret-at-all": (
        "    secret_env: ACD_AMI_SECRET\n",
        "",
        "2:5: it is not said where the secret is; add secret_file or secret_env.",
    ),
    "both": (
        "secret_env: ACD_AMI_SECRET",
        "secret_env: ACD_AMI_SECRET\n    secret_file: x",
        "5:18: secret_file and secret_env are both given; keep one.",
    ),
    "no-such-secret-file": (
        "secret_env: ACD_AMI_SECRET",
        "secret_file: none",
        "4:18: the file named here cannot be read: No such file or directory.",
    ),
    "secret-of-another-kind": (
        "secret_env: ACD_AMI_SECRET",
        "secret_file: [a]",
        "4:18: 'secret_file' must be text.",
    ),
    "unknown-key": (
        "host: 127.0.0.1",
        "host: 127.0.0.1\n    prot: 5038",
        "4:5: unknown key 'prot'; did you mean 'port'?",
    ),
    "unknown-secret-key": (
        "role: admin",
        "role: admin\n      token_fil: x",
        "10:7: unknown key 'token_fil'; did you mean 'token_file'?",
    ),
    "role": (
        "role: admin",
        "role: admn",
        "9:13: 'role' cannot be 'admn'; did you mean 'admin'?",
    ),
    "port": (
        "host: 127.0.0.1",
        "host: 127.0.0.1\n    port: 70000",
        "4:11: 'port' is 70000: too large; the most is 65535.",
    ),
    "host": (
        "host: 127.0.0.1",
        "host: http://x",
        "3:11: 'http://x' is no host or address.",
    ),
    "renewal-too-slow": (
        "lease_s: 5",
        "lease_s: 5\n  renew_s: 3",
        "13:12: renew_s must be at most half of lease_s (5), so that one may be missed.",
    ),
    "rules-not-there": (
        "rules: rules",
        "rules: ruls",
        "5:8: there is no such folder of rules.",
    ),
    "authority-not-there": (
        "host: 127.0.0.1",
        "host: 127.0.0.1\n    tls: {ca_file: ca.pem}",
        "4:20: there is no such file; name the certificate of the authority.",
    ),
    "one-token-for-two": (
        "token_env: ACD_API_TOKEN",
        "token_env: ACD_API_TOKEN\n    - name: two\n      role: viewer\n      token_env: ACD_API_TOKEN",
        "13:18: this token is somebody else's too; make one for each.",
    ),
    "one-name-for-two": (
        "rules: rules",
        "  - id: ast1\n    host: h\n    secret_env: ACD_AMI_SECRET\nrules: rules",
        "5:9: a node is named 'ast1' in line 2 already; choose another.",
    ),
}


@pytest.mark.parametrize("case", TROUBLES)
def test_each_trouble_is_told_at_its_place(case: str, tmp_path: Path) -> None:
    """One line, whole, with nothing else beside it; and never the secret."""
    old, new, line = TROUBLES[case]
    assert SETTINGS.count(old) == 1, "the case must change one place"
    findings = findings_of(tmp_path, SETTINGS.replace(old, new))
    assert findings == [line]
    assert SECRET not in findings[0]


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    """A token somebody could guess does not work."""
    findings = findings_of(tmp_path, SETTINGS, {**ENV, "ACD_API_TOKEN": "admin"})
    assert findings == ["10:18: the token found there is shorter than 16 characters; choose a longer one."]


@pytest.mark.parametrize("value", ["", "two\r\nlines", "nul\x00"])
def test_a_secret_that_could_break_the_wire_is_refused(tmp_path: Path, value: str) -> None:
    """Empty secrets and control characters never reach Asterisk."""
    findings = findings_of(tmp_path, SETTINGS, {**ENV, "ACD_AMI_SECRET": value})
    assert findings == ["4:17: the secret found there is empty, or holds control characters; write one line."]


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    """Settings are what they were at the start."""
    settings = load(tmp_path, SETTINGS)
    with pytest.raises(ValueError, match="frozen"):
        settings.rules = tmp_path


def test_tls_of_the_api_names_files_that_are_there(tmp_path: Path) -> None:
    """A missing certificate is told before the start, with its line."""
    text = SETTINGS.partition("api:")[0] + "api:\n  tls: {cert_file: api.pem, key_file: api.key}\n"
    told = [line.partition(": ")[2] for line in findings_of(tmp_path, text)]
    assert told == ["there is no such file; name one, PEM."] * 2


def test_a_store_without_a_key_keeps_no_number(tmp_path: Path) -> None:
    """The key is optional; when it is named it must be there, and long enough."""
    text = SETTINGS.partition("api:")[0]
    plain = load(tmp_path, text + "store: {file: acd.sqlite}\n").store
    assert plain is not None
    assert plain.hash_key is None
    assert plain.file == tmp_path / "acd.sqlite"
    (told,) = findings_of(tmp_path, text + "store: {file: acd.sqlite, hash_key_env: ACD_HASH_KEY}\n", ENV)
    assert "ACD_HASH_KEY is not set" in told


def test_the_headline_formula_is_given_by_its_word(tmp_path: Path) -> None:
    """One of the five; another word is a finding that names them."""
    assert load(tmp_path, SETTINGS + "service_level: answered_only\n").service_level == "answered_only"
    (finding,) = findings_of(tmp_path, SETTINGS + "service_level: best\n")
    assert "'answered_only'" in finding
