"""Articles: files -> articles -> blocks -> chunks.

Imports `converters`, `languages`, `sentences` and `normalise`. Read `article.py` first.
"""
