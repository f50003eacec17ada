r"""Scripts: which are written without spaces between words (UAX #14, #24), as regex classes. Pure.

Each constant goes between the brackets of a set: `[{UNSPACED}]`, `[[\p{{L}}]--[{UNSPACED}]]`.
Korean, Vietnamese, Tibetan (tsheg) and Ethiopic mark where words end and are in none of them.
"""

# Each sign is a word or a syllable, and may be compared as one.
CHINESE_JAPANESE = r"\p{Han}\p{Hiragana}\p{Katakana}"

# Alphabets whose words are found by a dictionary only: line-breaking class SA of UAX #14, the
# scripts of national languages. A letter alone means nothing.
SOUTHEAST_ASIAN = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"

# BM25 cuts runs of these into pairs (index/storage/bm25.py): one more script gives indexes that
# are already made other tokens than their questions.
UNSPACED = CHINESE_JAPANESE + SOUTHEAST_ASIAN
