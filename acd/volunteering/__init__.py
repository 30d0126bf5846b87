"""Volunteers of the offices: slots that a person offers, when they may be accepted, what they come to.

Pure: slots, rules and the time in, flags, totals and sums out. An opt-in is a person's own. Whoever opted in
sees their slots; everybody else sees sums over groups, and nobody can see who did not.
"""
