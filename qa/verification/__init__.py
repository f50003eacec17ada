"""Verification: what may be shown to the model, and which claims of an answer are proven.

Imports `text`, `prompts` and `index`; knows no language model. Read `support.py` first.
"""
