"""Shipped: a simulated Asterisk and a simulated call centre.

::

    async def main() -> None:
        sim = SimulatedAsterisk(seed=1, temper=Temper())   # asterisk.py: one node, its phones, its wire
        laws = Laws(sim)                                   # checkers.py: what must hold, seen from outside
        transport, protocol = await sim.open(MyClient)     # or sim.listen(host, port)
        Callers(sim, per_s=5).start()                      # callers.py
        faults.cut(sim)                                    # faults.py: links, process, events
        ...
        assert laws.finish() == []

    run_virtual(main())                                    # loop.py: hours in seconds, the same each time

What it says is pinned by transcripts of Asterisk 22.10.1 (``tests/sim``); it never replaces the
tests on the real one.
"""
