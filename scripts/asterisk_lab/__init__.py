"""A real Asterisk on loopback, with phones, for the tests, the demo and the benchmarks.

The lab runs the very files of ``config/asterisk/`` that a deployment copies; only its ``site/``
part (ports, secret, phones) is written here. Several labs run side by side, told apart by a port
offset. Standard library only, so that it starts before anything is installed.

    lab = Lab.up(agents=12, port_offset=1000)
    print(lab.rx("core show version"))
    lab.down()
"""

from asterisk_lab.errors import LabError, LabUnavailableError
from asterisk_lab.lab import Lab

__all__ = ["Lab", "LabError", "LabUnavailableError"]
