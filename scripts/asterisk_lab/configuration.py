"""What a lab writes beside the shipped files: ports, secret, phones, directories, one tune.

The shipped files are copied byte for byte. What differs from a deployment is the directory
``site/`` (which a deployment edits too) and ``asterisk.conf`` (directories). A lab of other rules
than the demo's has its entry exported, as a deployment has (`asterisk_lab.rules`).
"""

from __future__ import annotations

import array
import hashlib
import json
import math
import shutil
import wave
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from asterisk_lab import rules
from asterisk_lab.installation import Installation

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "asterisk"
CALLER_IP, ASTERISK_IP, AGENT_IP, TRUNK_IP = "127.0.0.2", "127.0.0.1", "127.0.0.3", "127.0.0.4"
OFFSET_MAX = 9_900


@dataclass(frozen=True)
class Settings:
    """What a lab is to look like."""

    port_offset: int = 0
    agents: int = 12
    """Phones a0001 … with a static contact, all on one address and port."""
    registering: int = 3
    """Phones r0001 … that must register (digest, the lab's phone secret)."""
    contact_ports: Mapping[str, int] = field(default_factory=dict)
    """Agents whose phone has a port of its own (before the offset)."""
    rules: str = ""
    """Folder of the rules whose entry it runs; empty: the demo's, whose entry is shipped."""

    def port(self, base: int) -> int:
        """Shift a port by the lab's offset."""
        return base + self.port_offset

    def fingerprint(self, installation: Installation) -> str:
        """Sum up everything that makes a running lab the one asked for."""
        parts = [json.dumps(asdict(self), sort_keys=True), str(installation)]
        parts += [f"{path}:{path.read_text()}" for path in sorted(SHIPPED.rglob("*.conf"))]
        folder = Path(self.rules) if self.rules else rules.DEMO
        parts += [f"{path}:{path.read_text()}" for path in sorted(folder.glob("*.yaml"))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def write(
    settings: Settings, installation: Installation, base: str, ami_secret: str, phone_secret: str
) -> None:
    """Write the whole configuration and the empty directories of one lab below ``base``."""
    host = installation.host_path(base)
    shutil.rmtree(host, ignore_errors=True)
    for name in ("run", "log", "spool", "lib/keys", "cache", "data/moh"):
        (host / name).mkdir(parents=True)
    host.chmod(0o700)
    shutil.copytree(SHIPPED, host / "etc", ignore=shutil.ignore_patterns("*.md", "site"))
    site = {
        "asterisk.conf": _asterisk_conf(settings, installation, base),
        "site/manager_listen.conf": f"bindaddr = {ASTERISK_IP}\nport = {settings.port(5038)}\n",
        "site/manager_secret.conf": f"secret = {ami_secret}\n",
        "site/rtp_ports.conf": f"rtpstart = {settings.port(20_000)}\nrtpend = {settings.port(25_999)}\n",
        "site/pjsip_transports.conf": (
            f"[transport-udp]\ntype = transport\nprotocol = udp\nbind = {ASTERISK_IP}:{settings.port(5060)}\n"
        ),
        "site/phones.conf": "\n".join(_phones(settings, phone_secret)) + "\n",
    }
    (host / "etc/site").mkdir()
    for name, text in site.items():
        (host / "etc" / name).write_text(text)
    _link_data(installation, host / "data")
    _write_tune(host / "data/moh/acd-lab.wav")
    if settings.rules:
        rules.export(Path(settings.rules), host / "etc")
    rules.speak(Path(settings.rules) if settings.rules else rules.DEMO, host / "data/sounds/acd")


def _asterisk_conf(settings: Settings, installation: Installation, base: str) -> str:
    return f"""[directories]
astetcdir => {base}/etc
astmoddir => {installation.module_dir}
astvarlibdir => {base}/lib
astdbdir => {base}/lib
astkeydir => {base}/lib
astcachedir => {base}/cache
astdatadir => {base}/data
astagidir => {base}/data/agi-bin
astspooldir => {base}/spool
astrundir => {base}/run
astlogdir => {base}/log

[options]
systemname = lab{settings.port_offset}
defaultlanguage = it
live_dangerously = no
documentation_language = en_US
"""


def _phones(settings: Settings, phone_secret: str) -> Iterator[str]:
    loopback = f"media_address = {ASTERISK_IP}\nbind_rtp_to_media_address = yes"
    yield f"[lab-agent](!,acd-agent)\n{loopback}\n[lab-trunk](!,acd-trunk)\n{loopback}\n"
    yield f"[carrier](lab-trunk)\n[carrier]\ntype = identify\nendpoint = carrier\nmatch = {CALLER_IP}\n"
    office = f"sip:{TRUNK_IP}:{settings.port(6000)}"
    yield f"[trunk](lab-trunk)\naors = trunk\n[trunk]\ntype = aor\ncontact = {office}\n"
    for number in range(1, settings.agents + 1):
        name = f"a{number:04}"
        port = settings.port(settings.contact_ports.get(name, 6000))
        yield f'[{name}](lab-agent)\ncallerid = "Agent {number}" <{name}>\naors = {name}'
        yield f"[{name}]\ntype = aor\ncontact = sip:{name}@{AGENT_IP}:{port}\n"
    for number in range(1, settings.registering + 1):
        name = f"r{number:04}"
        yield f'[{name}](lab-agent)\ncallerid = "Registering {number}" <{name}>\naors = {name}\nauth = {name}'
        yield f"[{name}]\ntype = auth\nauth_type = userpass\nusername = {name}\npassword = {phone_secret}"
        yield f"[{name}](acd-agent-aor)\n"


def _link_data(installation: Installation, data: Path) -> None:
    """Show Asterisk its own sounds and documents, but music and prompts of the lab's."""
    for entry in installation.host_path(installation.data_dir).iterdir():
        if entry.name not in {"moh", "sounds"}:
            (data / entry.name).symlink_to(f"{installation.data_dir}/{entry.name}")
    (data / "sounds").mkdir()
    sounds = f"{installation.data_dir}/sounds"
    for entry in _resolved(installation, sounds).iterdir():
        if entry.name != "acd":
            (data / "sounds" / entry.name).symlink_to(f"{sounds}/{entry.name}")


def _resolved(installation: Installation, inside: str) -> Path:
    """Follow a link that means something inside the root only."""
    path = installation.host_path(inside)
    if path.is_symlink():
        return installation.host_path(str(Path(inside).parent / path.readlink()))
    return path


def _write_tune(path: Path) -> None:
    """Write 24 s of soft chords: music on hold needs at least one file."""
    rate, chords = 8_000, ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
    samples = array.array("h")
    for chord in chords * 2:
        for n in range(rate * 3):
            swell = math.sin(math.pi * n / (rate * 3))
            samples.append(
                int(1_500 * swell * sum(math.sin(2 * math.pi * tone * n / rate) for tone in chord))
            )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
