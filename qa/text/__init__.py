"""Text: numbers, months, names, citation marks and copied wording, in many languages. Pure.

Imports `index/text/scripts.py` and nothing else of ours. Read `alignment.py` first.
"""
