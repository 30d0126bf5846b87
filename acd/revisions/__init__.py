"""The configuration as revisions: read whole, checked whole, compared, guarded, kept for ever.

The configuration is one set of documents: the rule folder with its worked cases, ``fallback.yaml``,
``privacy.yaml``. What runs is the newest revision in the store, never simply what lies on the disk. To
apply, to reload and SIGHUP are one thing: the set on the disk is read at one moment and checked whole
(`acd.revisions.configuration`), the guards look at what it would do to people who call
(`acd.revisions.guarding`), it becomes the next revision, and then it is in force. So every change has an
author, a reason, a number and a way back, and a broken file changes nothing.

A revision is never changed. To go back is to make a new one with the old texts; it remembers what lay on the
disk then (``disk_digest``), so that what was rolled back does not return by a restart: only files that have
changed since do.

`acd.revisions.differing` says in words what changes, `acd.revisions.touching` for whom.
`acd.runtime.revision_keeper` does it all in a running ACD.
"""
