"""How the tables came to be, step by step (Alembic). ``acd.store.migrate`` runs them at open.

A new step is a file in ``versions`` beside the last, its ``down_revision`` the last's ``revision``, and
the same change in ``acd.store.schema``; a test compares the two. Steps that shipped are never changed.
"""
