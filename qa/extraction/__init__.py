"""Extraction: a question and a passage -> the words that answer, or that it does not tell.

Imports the index's embedding, whose encoder it shares. Read `reader.py` first.
"""
