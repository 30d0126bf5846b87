"""The command line of ``scripts/image``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from acd_image import proof
from acd_image.build import ROOT, Built, build
from acd_image.centre import proves_compose
from acd_image.engine import DEBIAN, PYTHON, Engine, an_engine, base_image
from acd_image.errors import ImageError, NoEngineError

PARTS = ROOT / "build" / "acd.cdx.json"


def main() -> int:
    """Build and prove; prints the figures as one JSON object on the last line of stdout."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, _end)
    try:
        with an_engine() as engine:
            figures = _prove(engine, arguments)
    except NoEngineError as error:
        print(error, file=sys.stderr)
        return 2
    except ImageError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(figures))
    return 0


def _prove(engine: Engine, arguments: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    base = base_image(engine, PYTHON, arguments.base, "python:3.11-slim-bookworm")
    _say(f"building {arguments.tag} on {base}")
    built = _build_acd(engine, arguments.tag, base, fresh=arguments.fresh)
    figures |= {"build_s": built.seconds, "image_mb": built.size_mb, "base_mb": built.base_mb}
    for step in (
        proof.holds_the_package,
        proof.shows_the_demonstration,
        proof.checks_and_exports,
        proof.serves,
    ):
        _say((step.__doc__ or "").partition("\n")[0])
        figures |= step(engine, built.tag)
    figures["parts"] = _write_parts(engine, built.tag, arguments.parts)
    if arguments.twice:
        _say("building again from nothing: the same sources give the same files")
        again = _build_acd(engine, f"{arguments.tag}-again", base, fresh=True)
        figures |= _compare(proof.files_of(engine, built.tag), proof.files_of(engine, again.tag))
        figures["build_again_s"] = again.seconds
    if arguments.compose:
        debian = base_image(engine, DEBIAN, arguments.asterisk_base, "debian:forky-slim")
        _say(f"building {arguments.tag}-asterisk on {debian}")
        asterisk = build(
            engine, f"{arguments.tag}-asterisk", target="asterisk", base_argument="ASTERISK_BASE", base=debian
        )
        figures |= {"asterisk_build_s": asterisk.seconds, "asterisk_mb": asterisk.size_mb}
        _say((proves_compose.__doc__ or "").partition("\n")[0])
        figures |= proves_compose(engine, built.tag, asterisk.tag)
    return figures


def _build_acd(engine: Engine, tag: str, base: str, *, fresh: bool) -> Built:
    return build(engine, tag, target="acd", base_argument="BASE_IMAGE", base=base, fresh=fresh)


def _write_parts(engine: Engine, tag: str, path: Path) -> int:
    """Write the list of the image's parts; returns how many there are."""
    script = (ROOT / "scripts/acd_image/parts.py").read_text()
    document = engine.run("run", "--rm", "--interactive", "--entrypoint", "python3", tag, "-", fed=script)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document + "\n")
    _say(f"the parts of the image (CycloneDX) are in {path}")
    return len(json.loads(document)["components"])


def _compare(first: dict[str, str], second: dict[str, str]) -> dict[str, Any]:
    different = [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]
    if different:
        raise ImageError(f"Two builds of the same sources differ in {len(different)} files: {different[:5]}")
    return {"files_alike": len(first)}


def _say(text: str) -> None:
    print(f"image: {text}", file=sys.stderr, flush=True)


def _end(number: int, _frame: object) -> None:
    """End as an exception, so that what was started is ended too."""
    raise SystemExit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/image",
        description="Build the images for real and look whether they do what they promise.",
    )
    parser.add_argument("--tag", default="acd", help="name of the image (default: acd)")
    parser.add_argument("--base", metavar="IMAGE", help="base image with Python 3.11 or later")
    parser.add_argument("--fresh", action="store_true", help="build every step anew")
    parser.add_argument("--twice", action="store_true", help="build again from nothing and compare the files")
    parser.add_argument(
        "--compose", action="store_true", help="the Asterisk too, and both run as compose.yaml says"
    )
    parser.add_argument("--asterisk-base", metavar="IMAGE", help="base image: a Debian that has Asterisk 22")
    parser.add_argument(
        "--parts", type=Path, default=PARTS, metavar="FILE", help="where the list of parts goes"
    )
    return parser
