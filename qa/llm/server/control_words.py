"""Control words: what a chat template could take for its own is cut in texts that are data. Pure.

A server puts messages into its template as text, so `<|im_end|>` in an article would end the
message there. The local model is given tokens, where nothing has to be changed.
"""

import regex

# `<|im_end|>`, `</s>`, `<start_of_turn>`, `<think>`, `<<SYS>>`, DeepSeek's with wide bars; and
# `[INST]`, `[/TOOL_CALLS]`. No template has one that begins otherwise.
_BEGINS = regex.compile(r"<(?=[|｜/<\p{L}_])|\[(?=/?[A-Z_]{2,40}\])")


def cut(text: str) -> str:
    """A text with a space behind the first letter of whatever looks like a control word."""
    return str(_BEGINS.sub(r"\g<0> ", text))
