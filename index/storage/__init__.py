"""Storage: the catalog, BM25, vectors, near duplicates and locks of an index on disk.

Imports `articles` and `embedding`. Read `catalog.py` first.
"""
