"""Letters: what hostile texts are made of, unit by unit."""

# fmt: off
MARKS = (  # of several classes, or none of their own
    "\u0301", "\u0327", "\u0316", "\u0344", "\u0f73", "\u0f71", "\u3099", "\uff9e",
    "\u093c", "\u0301\u0327",
)
LETTERS = (  # some become many
    "a", "A", "é", "ệ", "한", "가", "ｶ", "\ufdfa", "\u0390", "ﬃ", "ſ", "İ", "ß", "½", "क्",
    "हिन्दी ", "在", "ไทย", "あ", "ا", "१", "1", "👩‍👧 ", "🇮🇳", "\u034f", "\u200d",
    "\u00ad", "\u202e", "\ufe0f",
)
SIGNS = (
    ".", "...", "?", "*", "**", "**/", "#", "# ", "_", "`", "~", "|", "|-", "||\n", "[",
    "]", "(", ")", "{", "}", "&", "%", "@", "$", "=", "==\n", "--\n", "---\n", "- ", "* ",
    "> ", "<", ">", "</", "-->", "\\", "//", '"', "'", "“", "”", "’s ", "—", "。", "、",
    "「", "」", "।", ";", "; ", ",", ", ", ":", " ", "\t", "\n", "\r\n", "\n\n", "\u2028",
    "\x1b[", "[a](", "](b)", "[a](b) ", "[1", "1]", "[1]", "![", "<a ", "b>", "<b><i>",
    "<!--", "&amp;", "<![CDATA[",
)
WORDS = (
    "Mr. ", "A. ", "a. ", "i. ", "a.b", "U.S. ", "1st ", "12 ", "1.", "1,", "2023-", "1/2/",
    "12:", "€1 ", "1e9", "two hundred ", "million ", "January ", "The ", "and ", "it ",
    "Who ", "de la ", "John Smith ", "It is so. ", "http://a.b/", "a@b.", "a-b-", "- a\n",
)
YAML = ("title: ", "date: ", "lang: ", "&a ", "*a ", "<<: ", "!!int ", "%YAML ", "? ", "\\U", "F")
KEYS = (  # of requests, with some of their values
    "role", "content", "user", "assistant", "tool", "system", "messages", "type", "text",
    "only", "since", "until", "language", "language_of_articles", "limit", "n", "stream",
    "stream_options", "include_usage",
)
# fmt: on
UNITS = (*MARKS, *LETTERS, *SIGNS, *WORDS)
NO_TEXT = ("\0", "\ud800", "\uffff")
"""What is taken out, or refused, before anything else."""
