"""Tests of acd.revisions."""
