"""Articles: from files to articles, their blocks and their chunks.

Imports `converters`, `languages`, `sentences` and `normalise`. Read `article.py` first.
"""
