"""Vectors: stored by key, and searched for the nearest, exactly or by Chroma.

Imports `embedding`, and of `storage` the catalog and the database. Read `ann_index.py` first.
"""
