"""The journal: every fact the engine was told, and what it ordered and noted; what is asked of it later.

The engine is deterministic, so a world and the facts that came after it are the whole past. A *run* is what
one process wrote: segments of five minutes, the first of which begins with an empty engine. Beside each later
one lies a *picture* (``acd.core.freezing``) of the world as it begins, so that any moment is at most one
segment away. ``frames`` writes bytes, ``records`` says what they mean, ``segments`` reads folders,
``recorder`` writes beside the engine, ``picturing`` makes the pictures, ``replaying`` runs the past again,
``stories`` and ``telling`` say it in sentences, and ``asking`` does that in a process of its own.

Routing never waits for the journal. Facts are encoded on the loop (2 µs) and written by a thread; a disk
that is full, slow or gone is a visible state, and when memory can hold no more, facts are left out and
counted. What follows a hole can be read but not replayed, until the ACD starts anew.

Privacy: it holds agents' ids and keyed hashes of callers' numbers, mode 0600, for 72 hours. Nothing but
``explain`` and ``why-not`` shows a person in it, and both are audited with a purpose.
"""
