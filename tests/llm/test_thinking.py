"""What a model thinks is neither shown nor judged, however it comes in pieces."""

import pytest

from qa.llm.thinking import MARKS, Hiding, unclosed


def shown(text: str, size: int = 1) -> str:
    hiding = Hiding()
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    return "".join([*(hiding.feed(piece) for piece in pieces), hiding.end()])


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(("begin", "end"), MARKS.items())
def test_a_thought_is_hidden_with_its_marks(begin: str, end: str, size: int) -> None:
    text = f"{begin}\nThe user asks. 2 < 3 [1].{end}\n\nMeituan [1], 2 < 3.{begin}{end}"

    assert shown(text, size) == "Meituan [1], 2 < 3."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("<think>never ends [1]", "", id="a thought that does not end"),
        pytest.param("It was sold [1]. <", "It was sold [1]. <", id="what is no mark after all"),
        pytest.param("<thin ice> [T] [THIN]", "<thin ice> [T] [THIN]", id="nearly marks"),
        pytest.param("</think>\n\nMeituan.", "Meituan.", id="the end of one that a prompt began"),
        pytest.param("A.\n<think>B.</think> C.", "A.\nC.", id="in the midst"),
        pytest.param("<think>a<think>b</think>C.", "C.", id="one that begins twice"),
    ],
)
def test_all_else_is_shown_as_it_is(text: str, left: str) -> None:
    assert shown(text) == left


@pytest.mark.parametrize(
    ("text", "closing"),
    [
        ("<|im_start|>assistant\n", ""),
        ("<|im_start|>assistant\n<think>\n", "</think>"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("[INST]…[/INST][THINK]", "[/THINK]"),
    ],
)
def test_a_prompt_that_ends_in_a_thought_is_told(text: str, closing: str) -> None:
    assert unclosed(text) == closing
