"""Weights: the files of the models: which are known, where they lie, their download and checks.

Imports `qa.progress`, and of `index` the errors, atomic files and packed embedder. Read
`manifest.py` first.
"""
