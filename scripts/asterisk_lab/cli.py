"""``scripts/lab prepare | up | down | status | console``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from asterisk_lab import installation
from asterisk_lab.errors import LabError, LabUnavailableError
from asterisk_lab.lab import Lab


def main() -> int:
    """Run the command line; 0 done, 1 failed, 2 no Asterisk to be had here."""
    arguments = _parser().parse_args()
    try:
        return {"prepare": _prepare, "up": _up, "down": _down, "status": _status, "console": _console}[
            arguments.command
        ](arguments)
    except LabUnavailableError as error:
        print(error, file=sys.stderr)
        return 2
    except LabError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/lab", description="A real Asterisk with the ACD's configuration."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="make sure that there is an Asterisk and SIPp to start")
    up = commands.add_parser("up", help="start it (or find it running)")
    up.add_argument("--agents", type=int, default=12, metavar="N", help="phones a0001 … (12)")
    up.add_argument(
        "--registering", type=int, default=3, metavar="N", help="phones r0001 … that must register (3)"
    )
    up.add_argument(
        "--contact-port", action="append", default=[], type=_contact_port, metavar="AGENT=PORT",
        help="the phone of one agent listens on a port of its own (before the offset); repeatable",
    )  # fmt: skip
    up.add_argument(
        "--rules", type=Path, metavar="DIR", help="run the entry menus of this rule folder (the demo's)"
    )
    down = commands.add_parser("down", help="end it; only what `up` started")
    down.add_argument("--all", action="store_true", help="every lab of this user")
    status = commands.add_parser("status", help="which labs run, and where")
    status.add_argument("--json", action="store_true", help="for programs; holds the secrets")
    console = commands.add_parser("console", help="Asterisk's own command line")
    for command in (up, down, console):
        command.add_argument(
            "--port-offset", type=int, default=0, metavar="K", help="shift of every port (0)"
        )
    return parser


def _contact_port(text: str) -> tuple[str, int]:
    agent, _, port = text.partition("=")
    return agent, int(port)


def _prepare(_: argparse.Namespace) -> int:
    print(f"Asterisk {installation.find_or_make().version}")
    installation.ensure_tool("sipp", "sip-tester")
    return 0


def _up(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    lab = Lab.up(
        arguments.agents,
        arguments.port_offset,
        contact_ports=dict(arguments.contact_port),
        registering=arguments.registering,
        rules=arguments.rules,
    )
    print(_line(lab))
    console = f"scripts/lab console --port-offset {lab.settings.port_offset}"
    print(f"up in {time.monotonic() - began:.1f} s; command line: {console}", file=sys.stderr)
    return 0


def _down(arguments: argparse.Namespace) -> int:
    labs = [
        lab for lab in Lab.running() if arguments.all or lab.settings.port_offset == arguments.port_offset
    ]
    for lab in labs:
        lab.down()
        print(f"ended the lab at port offset {lab.settings.port_offset}")
    if not labs:
        print("no such lab runs")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    labs = Lab.running()
    if arguments.json:
        print(json.dumps([_facts(lab) for lab in labs]))
    elif not labs:
        print("no lab runs")
    else:
        print("\n".join(_line(lab) for lab in labs))
    return 0


def _console(arguments: argparse.Namespace) -> int:
    lab = Lab.attach(arguments.port_offset)
    if sys.stdin.isatty():
        command = lab.installation.command("-r", "-C", f"{lab.base}/etc/asterisk.conf")
        os.execvp(command[0], command)  # noqa: S606 - the console takes our place
    for line in sys.stdin:  # Asterisk's own console spins without a terminal
        print(lab.rx(line.strip()))
    return 0


def _line(lab: Lab) -> str:
    return (
        f"Asterisk {lab.asterisk_version} · SIP {lab.sip_ip}:{lab.sip_port} · AMI {lab.sip_ip}:{lab.ami_port}"
        f" · agents {lab.settings.agents} at {lab.agent_ip}:{lab.agent_port}"
        f" · offices at {lab.trunk_ip}:{lab.trunk_port} · pid {lab.process.pid} · files {lab.host_dir}"
    )


def _facts(lab: Lab) -> dict[str, object]:
    return {
        "asterisk_version": lab.asterisk_version,
        "port_offset": lab.settings.port_offset,
        "agents": lab.settings.agents,
        "sip": [lab.sip_ip, lab.sip_port],
        "ami": [lab.sip_ip, lab.ami_port],
        "ami_user": lab.ami_user,
        "ami_secret": lab.ami_secret,
        "agent": [lab.agent_ip, lab.agent_port],
        "trunk": [lab.trunk_ip, lab.trunk_port],
        "pid": lab.process.pid,
        "directory": str(lab.host_dir),
    }
