"""The transition: from agents to provincial offices on a given day, and back step by step.

Everything here is pure: a picture goes in, a decision, a list or a table comes out.
`acd.runtime.transition_keeper` looks, carries out and keeps; `acd.runtime.rehearsal` places the calls.

`deciding`    go on, hold or step back: the table of the guards
`standing`    where it stands, and the shares of the sites there
`moves`       what start, next, back and finish lead to, and when they are refused
`readiness`   what the last rehearsal says of the offices' lines
`rehearsing`  which line is tried next
`forecast`    what a change would do to the calls of the last half hours
"""

from acd.transition.standing import NOT_STARTED, SharesGiver, Standing, mode_now, shares_now, standing_of

__all__ = ["NOT_STARTED", "SharesGiver", "Standing", "mode_now", "shares_now", "standing_of"]
