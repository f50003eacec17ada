"""Letters: what hostile texts are made of, unit by unit."""

# Marks of several classes, or none of their own; and letters that become many.
MARKS = ["\u0301", "\u0327", "\u0316", "\u0344", "\u0f73", "\u0f71", "\u3099", "\uff9e", "\u093c"]
LETTERS = [
    "a",
    "A",
    "é",
    "ệ",
    "한",
    "가",
    "ｶ",
    "\ufdfa",
    "\u0390",
    "ﬃ",
    "ſ",
    "İ",
    "ß",
    "½",
    "क्",
    "在",
    "1",
    "१",
]
JOINERS = ["\u034f", "\u200d", "\u200c", "\u00ad", "\ufe0f", "🏽", "🇮"]
SIGNS = [
    *"*?[]{}()<>&|!'\"`#%@\\/:;-_.,=~^$\n\t ",
    "**/",
    "---\n",
    "...",
    "\r\n",
    "\u2028",
    "\0",
    "\ud800",
    "\u202e",
]
WORDS = [
    "title: ",
    "date: ",
    "lang: ",
    "&a ",
    "*a ",
    "<<: ",
    "!!int ",
    "%YAML ",
    "? ",
    "- ",
    "2024-05-",
    "and ",
    "Mr. ",
    "it ",
    "\\U",
    "F",
]
UNITS = [*MARKS, *LETTERS, *JOINERS, *SIGNS, *WORDS]

KEYS = [
    "role",
    "content",
    "user",
    "assistant",
    "tool",
    "system",
    "messages",
    "type",
    "text",
    "only",
    "since",
    "until",
    "language",
    "language_of_articles",
    "limit",
    "n",
    "stream",
    "stream_options",
    "include_usage",
]
"""Of requests, with some of their values."""
