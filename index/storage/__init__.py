"""Storage: the catalog, BM25, near duplicates and the writer's lock of an index on disk.

Imports `articles` and `embedding`. Read `catalog.py` first.
"""
