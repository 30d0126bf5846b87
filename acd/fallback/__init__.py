"""The toggles of the fallback: who stands in for whom now, who says so, until when, and what would be else.

Three voices can say something about a scope (the country, a site, an office), and the highest that does is
obeyed:

1. an **override**, written by a person over API or command line, with a reason and an end; of several for one
   scope the newest that is live;
2. the **file** ``fallback.yaml``, which is part of each revision of the configuration;
3. **auto**: for the country and the sites the transition, for an office its hours and its health.

And between scopes: with the country forced off nothing of the sites counts, so that one word ends it all;
with the country forced on every site is on but those that are themselves forced off.

`acd.fallback.resolving` works it out and is pure: the same file, overrides, transition and time give the same
answer. `acd.fallback.sentences` says it in Italian and English. `acd.fallback.wishes` refuses overrides that
should not be. `acd.runtime.fallback_keeper` keeps the engine told.
"""
