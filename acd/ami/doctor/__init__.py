"""``acd doctor``: is each Asterisk set up so that the ACD can do its work, and if not, what to write where.

Whatever can be tried is tried on the running Asterisk with the ACD's own account, rather than read from
files: rights by what Asterisk says it would do, the event filter by an event that must come and one that
must not, ``writetimeout`` by a pause. What cannot be tried without a call or from here is *not proved* and
says what would prove it. Nothing is changed that a caller or an agent could notice, and no check
rings a phone.

``examine`` looks; ``acd.cli.diagnosis`` shows what it found.
"""

from acd.ami.doctor.examine import examine
from acd.ami.doctor.findings import Expected, Finding, Level, Report

__all__ = ["Expected", "Finding", "Level", "Report", "examine"]
