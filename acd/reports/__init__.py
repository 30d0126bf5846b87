"""Reports: what became of the calls of a period, from the ledger, with every denominator stated.

`make_report` has the database add up the calls (``acd.store.tallies``) and puts the sums together to a
`Report`: one structure, which the API answers and which the command shows as a table, CSV or a page.

A call belongs to the half hour of its first entry, whatever it ends in; only calls that have ended are in
the ledger. Service-level events are those that were counted when they happened, so the thresholds are those
of that time. Small groups: what tells how people work (handling time, outcome codes, first contacts) is told
only of queues that at least k people can serve, and never by half hour, province or path; see ``groups``.

Two figures of a declared emergency stand side by side (``goals.yaml``): the raw one as it was counted, and
the re-based one, in which a suspended time is left out and a longer threshold or another goal holds. The goal
of a stretch in which goals change is their mean, weighted by the calls each of them counts: it is reached
exactly when the calls that met it are as many as all goals together ask for.
"""

from acd.reports.making import Asked, make_report
from acd.reports.shape import Kind, Report

__all__ = ["Asked", "Kind", "Report", "make_report"]
