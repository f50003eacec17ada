"""Weights: the files of the models: which are known, where they lie, their download and checks.

Imports only `index.errors` and the packed format of `index.embedding`. Read `manifest.py` first.
"""
