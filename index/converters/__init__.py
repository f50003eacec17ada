"""Converters: PDF, HTML, Office and other files -> Markdown, in a process of their own.

Imports `normalise` and `errors`. Read `sandbox.py` first.
"""
