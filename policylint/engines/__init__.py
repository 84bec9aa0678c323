"""Engines: ways to bring each conversation's events together. The heart that judges them is the same."""
