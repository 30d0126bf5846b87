"""The benchmarks and the pictures of the documents."""

from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
