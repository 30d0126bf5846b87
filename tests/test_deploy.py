"""What a deployment copies fits together: unit, settings, compose file, images."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from acd.rules.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "config/systemd/acd.service"
SETTINGS = ROOT / "config/acd.installed.yaml"
CREDENTIALS = "/run/credentials/acd.service"
EXPOSURE_MAX = 13
"""Of 100, by `systemd-analyze security`; what is left is mostly that it speaks TCP."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine"
)


def _unit() -> dict[str, list[tuple[str, str]]]:
    sections: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for number, line in enumerate(UNIT.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if section := re.fullmatch(r"\[(\w+)\]", line):
            name = section[1]
            continue
        found = re.fullmatch(r"([A-Z][A-Za-z]+)=(.*)", line)
        assert found, f"line {number} is neither a section nor Key=value: {line}"
        sections.setdefault(name, []).append((found[1], found[2]))
    return sections


def _values(section: str, key: str) -> list[str]:
    return [value for name, value in _unit()[section] if name == key]


def _compose() -> dict:
    return YAML(typ="safe").load((ROOT / "compose.yaml").read_text())


def _analyze(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze on the unit as it would be where the program is installed."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/acd/bin/acd", shutil.which("true") or "/bin/true"))
    command = ["systemd-analyze", *arguments, str(copy)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_unit_has_its_three_sections_and_no_key_twice_by_mistake():
    """Known sections; a key stands once, but for those that systemd adds up."""
    unit = _unit()
    assert list(unit) == ["Unit", "Service", "Install"]
    keys = [key for pairs in unit.values() for key, _ in pairs]
    assert {key for key in keys if keys.count(key) > 1} == {"LoadCredential", "SystemCallFilter"}


def test_systemd_is_told_and_the_watchdog_is_armed():
    """Type=notify and WatchdogSec are what acd.runtime.notify speaks to."""
    assert _values("Service", "Type") == ["notify"]
    assert int(_values("Service", "WatchdogSec")[0]) >= 10
    assert _values("Service", "Restart") == ["on-failure"]


@needs_systemd
def test_systemd_accepts_the_unit_without_a_word(tmp_path):
    """`systemd-analyze verify` finds nothing: no unknown key, no value it ignores."""
    done = _analyze(tmp_path, "verify")
    assert (done.returncode, done.stderr.strip()) == (0, "")


@needs_systemd
def test_systemd_accepts_what_reloads_the_dialplan(tmp_path):
    """The path and the service it starts, together."""
    for name in ("acd-dialplan.path", "acd-dialplan.service"):
        text = (UNIT.parent / name).read_text()
        (tmp_path / name).write_text(text.replace("/usr/sbin/asterisk", shutil.which("true") or "/bin/true"))
    command = ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


@needs_systemd
def test_the_sandbox_is_as_tight_as_it_was(tmp_path):
    """`systemd-analyze security` rates the exposure; who loosens it sees this fail."""
    done = _analyze(tmp_path, "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager")
    assert done.returncode == 0, done.stdout[-400:] + done.stderr[-400:]


def test_the_settings_of_an_installation_are_accepted(tmp_path):
    """With its secrets in place nothing is found; they are those of the unit and of compose.yaml."""
    text = SETTINGS.read_text()
    names = re.findall(rf"_file: {CREDENTIALS}/(\w+)", text)
    for name in names:
        (tmp_path / name).write_text("x" * 40)
    (tmp_path / "routing_rules").mkdir()
    (tmp_path / "acd.yaml").write_text(text.replace(CREDENTIALS, str(tmp_path)))
    settings = load_settings(tmp_path / "acd.yaml", {})
    assert settings.store is not None
    assert settings.store.file == Path("/var/lib/acd/acd.sqlite")
    assert settings.api.socket == Path("/run/acd/acd.sock")
    assert names == [value.partition(":")[0] for value in _values("Service", "LoadCredential")]
    mounted = [secret["target"] for secret in _compose()["services"]["acd"]["secrets"]]
    assert mounted == [f"{CREDENTIALS}/{name}" for name in names]


def test_what_the_service_writes_is_where_the_unit_lets_it():
    """The store is below StateDirectory, the socket below RuntimeDirectory, queue_log below LogsDirectory."""
    text = SETTINGS.read_text()
    assert f"file: /var/lib/{_values('Service', 'StateDirectory')[0]}/" in text
    assert f"socket: /run/{_values('Service', 'RuntimeDirectory')[0]}/" in text
    assert f"file: /var/log/{_values('Service', 'LogsDirectory')[0]}/" in text


def test_compose_mounts_what_is_there_and_holds_no_secret():
    """Every file it mounts exists (secrets and prompts are made); no environment holds a password."""
    compose = _compose()
    made = {"./prompts", *(secret["file"] for secret in compose["secrets"].values())}
    for name, service in compose["services"].items():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./") and source not in made:
                assert (ROOT / source).exists(), f"{name} mounts {source}, which is not there"
        for key, value in service.get("environment", {}).items():
            assert key.endswith("__FILE") or not re.search("PASSWORD|SECRET|TOKEN", key), (key, value)
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert "/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_only_named_paths_reach_a_build():
    """The context of a build is an allow-list, and the Dockerfile copies nothing beyond it."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {source for sources in copied for source in sources.split()} == allowed
    assert all((ROOT / source).exists() for source in allowed)


def test_the_image_runs_as_nobody_in_particular_and_asks_itself():
    """Not root, a health check by the command, the store a volume: each in the stage that is built last."""
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert last.startswith("${BASE_IMAGE} AS acd\n")
    for line in ("USER 10001:10001", "VOLUME /var/lib/acd", 'ENTRYPOINT ["acd"]', "STOPSIGNAL SIGTERM"):
        assert f"\n{line}\n" in last
    assert 'CMD ["acd", "healthcheck"]' in last
