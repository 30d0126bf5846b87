"""TLS of the API itself: new enough, and a sentence where the files are wrong."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import aiohttp
import pytest

from acd.errors import ConfigError
from acd.rules.settings import ApiTls
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import serve, tls_context

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificates with openssl")


def make(folder: Path, name: str, *, password: str = "") -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 1 -subj /CN=acd"
    words += f" -addext subjectAltName=IP:127.0.0.1 -out {cert} -keyout {key}"
    words += f" -passout pass:{password}" if password else " -nodes"
    subprocess.run(words.split(), check=True, capture_output=True)
    return cert, key


async def test_over_tls_the_api_answers_and_old_versions_are_refused(centre, clock, tmp_path):
    """An https in its address, 1.2 or newer, plain HTTP gets nothing."""
    cert, key = make(tmp_path, "good")
    context = tls_context(ApiTls(cert_file=cert, key_file=key))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    server = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, tls=context)
    assert server.url.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=str(cert))
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/livez", ssl=trusting) as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientError):
            await session.get(server.url.replace("https", "http") + "/livez")
    await server.stop()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("no cert", "cert_file: .* cannot be read"),
        ("no key", "key_file: .* cannot be read"),
        ("no pem", "no PEM certificate"),
        ("other key", "the key is not the key of this certificate"),
        ("password", "the key has a password"),
    ],
)
def test_bad_files_are_told_with_what_to_do(tmp_path, spoil, why):
    """Before anything listens; and nobody is asked for a password on a terminal."""
    cert, key = make(tmp_path, "good")
    match spoil:
        case "no cert":
            cert = tmp_path / "missing.pem"
        case "no key":
            key.unlink()
        case "no pem":
            cert.write_text("not a certificate")
        case "other key":
            key = make(tmp_path, "other")[1]
        case _:
            cert, key = make(tmp_path, "locked", password="secret")
    with pytest.raises(ConfigError, match=why):
        tls_context(ApiTls(cert_file=cert, key_file=key))
