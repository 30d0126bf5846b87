"""The engine: facts and a clock in, orders and notes out. No I/O, no clock, no chance.

The shell's contract:

1. Build ``Engine(rules, roster, epoch)`` once.
2. For each fact, in the order it arrived: ``outcome = engine.handle(fact, now_ms)``; ``now_ms``
   never goes back. Send ``outcome.orders`` in their order; hand ``outcome.notes`` to whoever counts.
3. When ``engine.next_deadline()`` is due, handle ``DeadlineReached()``.
4. Read state only through ``acd.core.views``.

The same facts with the same ``now_ms`` always give the same orders in the same order.
"""
