"""LLM: a language model on llama.cpp, with a KV cache of the passages it has read.

Imports `weights`, `environment` and `errors`. Read `model.py` first: what a model can do.
"""
