"""Evaluation: questions with known answers -> runs, metrics, and the stage at which each failed.

Imports `answering`, `text`, `environment` and `index`. Read `evaluate.py` first.
"""
