"""Embedding: text -> vectors, with light code for one question and libraries for many texts.

Imports `errors`. Read `embedder.py` first.
"""
