"""Converters: PDF, HTML, Office and other files -> Markdown, in a process of their own.

Imports `text` and `errors`. Read `sandbox.py` first.
"""
