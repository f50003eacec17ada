"""Text: numbers, months, names, citation marks and copied wording, in many languages. Pure.

Imports `prompts` (word lists) and nothing else of ours. Read `alignment.py` first.
"""
