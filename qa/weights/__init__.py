"""Weights: the model files that are known, where they lie, how they are fetched and checked.

Imports of ours only `index.errors` and the packed format of the embedder. Read `manifest.py` first.
"""
