"""Rendering: the words that answer, in the asker's language, where several checks agree.

A small model translates sentences badly and a few words well, and invents where it knows no word.
So only the span is rendered, and what comes of it is only said if nothing speaks against it.
"""

from qa.extraction.reader import Reader
from qa.llm.translator import Translator
from qa.question import Question
from qa.text.marks import clean
from qa.text.names import missing, names
from qa.text.numbers import localise
from qa.text.repetition import garbled
from qa.verification.evidence import Evidence
from qa.verification.facts import facts, holds, looked_up
from qa.verification.prompt_injection import is_instruction
from qa.verification.support import Similarity
from qa.verification.thresholds import RENDERED, RENDERED_BACK, RENDERED_RIGHT
from index.text.languages import may_be
