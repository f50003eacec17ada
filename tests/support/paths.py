"""Paths: the repository's own files that tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
SEED_ARTICLES = SEEDS / "articles"
SEED_QUESTIONS = SEEDS / "questions.jsonl"
