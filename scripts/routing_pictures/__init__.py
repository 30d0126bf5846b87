"""The pictures of docs/routing.md and docs/benchmarks.md, drawn from what the engine does.

Each scene is played on the engine with the shipped rules (`acd.rules.case_world`), each curve comes from the
figures beside the pages; a picture therefore cannot promise what the rules no longer keep.
``scripts/draw_routing`` writes them, the gate compares.
"""
