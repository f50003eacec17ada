"""Text: languages, sentences, scripts and characters of the articles' text. Pure but for models.

Imports `errors` and nothing else of ours. Read `normalise.py` first.
"""
