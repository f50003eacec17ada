"""Articles: from files to articles, their blocks and their chunks.

Imports `converters` and `text`. Read `article.py` first.
"""
