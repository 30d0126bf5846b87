"""The parts of an image as a CycloneDX 1.6 document; runs inside the image, with its own Python.

``docker run --rm -i --entrypoint python3 acd - < scripts/acd_image/parts.py``: every Python package with
its version and licence as its own metadata say, every Debian package of the base with its version.
The document names what is there, not what somebody meant to install.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

STATUS = Path("/var/lib/dpkg/status")


def main() -> None:
    """Print the document."""
    own = next(each for each in distributions() if each.name == "acd")
    components = [_python_part(each) for each in distributions() if each.name != "acd"]
    components += _debian_parts()
    json.dump(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": {**_python_part(own), "type": "application"}},
            "components": sorted(components, key=lambda part: str(part["purl"])),
        },
        sys.stdout,
        indent=1,
    )


def _python_part(package: Distribution) -> dict[str, Any]:
    name = re.sub(r"[-_.]+", "-", package.name).lower()
    part = {
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": f"pkg:pypi/{name}@{quote(package.version, safe='')}",
    }
    told = package.metadata
    if expressions := told.get_all("License-Expression"):
        return {**part, "licenses": [{"expression": expressions[0]}]}
    classified = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    names = classified or [line for line in (told.get_all("License") or [""])[0].splitlines()[:1] if line]
    return {**part, "licenses": [{"license": {"name": each}} for each in names]} if names else part


def _debian_parts() -> list[dict[str, Any]]:
    if not STATUS.exists():
        return []
    parts = []
    for paragraph in STATUS.read_text("utf-8", "replace").split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Architecture|Status): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            name, version = fields["Package"], fields["Version"]
            encoded = f"{quote(name, safe='')}@{quote(version, safe='')}"
            purl = f"pkg:deb/debian/{encoded}?arch={fields['Architecture']}"
            parts.append({"type": "library", "name": name, "version": version, "purl": purl})
    return parts


if __name__ == "__main__":
    main()
