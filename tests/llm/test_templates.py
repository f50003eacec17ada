"""Chat templates as public models have them: each is told not to think, and none needs a day."""

from pathlib import Path

import pytest

from index.errors import BadModel
from qa.cli import opening
from qa.llm.computing import Computing
from qa.llm.llama import LlamaModel
from qa.llm.model import Message, Role
from tests.support.tiny_llm import TEMPLATE, tiny_llm
from tests.support.writing_llm import writing_llm

SYSTEM, USER = "Answer shortly.", "Who?"
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
)
# What each model's template does, shortened to what bears on these messages.
QWEN3 = CHATML + (
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% endif %}{% endif %}"
)
QWEN35 = CHATML + (
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}{% endif %}"
)
R1 = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    "<|assistant|>{{ '<think>\n' }}"
)
LLAMA = (
    "{{ bos_token }}{% if not date_string is defined %}{% if strftime_now is defined %}"
    "{% set date_string = strftime_now('%d %b %Y') %}{% endif %}{% endif %}"
    "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{% if m.role == 'system' %}Today Date: {{ date_string }}\n\n{% endif %}"
    "{{ m.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
GEMMA2 = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}"
    "<start_of_turn>{{ m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
GEMMA3 = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{% set first = messages[0].content "
    "+ '\n\n' %}{% set rest = messages[1:] %}{% else %}{% set first = '' %}"
    "{% set rest = messages %}{% endif %}{% for m in rest %}<start_of_turn>{{ m.role }}\n"
    "{{ first if loop.first else '' }}{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
GEMMA4 = (
    "{{ bos_token }}{% for m in messages %}<|turn>{{ m.role }}\n{{ m.content | trim }}<turn|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|turn>model\n{% if not enable_thinking | "
    "default(false) %}<|channel>thought\n<channel|>{% endif %}{% endif %}"
)
MINISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}[SYSTEM_PROMPT]"
    "{{ m.content }}[/SYSTEM_PROMPT]{% else %}[INST]{{ m.content }}[/INST]{% endif %}{% endfor %}"
)
GRANITE = (
    "{% for m in messages %}<|start_of_role|>{{ m.role }}<|end_of_role|>{{ m.content }}"
    "<|end_of_text|>\n{% endfor %}{% if add_generation_prompt %}"
    "<|start_of_role|>assistant<|end_of_role|>{% endif %}"
)
HERMES = "{% for tool in tools %}{{ tool }}{% endfor %}" + CHATML + "{% endif %}"
TURNS = f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{USER}<|im_end|>\n"
UNTHOUGHT = "<think>\n\n</think>\n\n"
TEMPLATES = {
    "Qwen3": (QWEN3, f"<s>{TURNS}<|im_start|>assistant\n{UNTHOUGHT}"),
    "Qwen3.5": (QWEN35, f"<s>{TURNS}<|im_start|>assistant\n{UNTHOUGHT}"),
    "DeepSeek R1": (R1, f"<s><|system|>{SYSTEM}<|user|>{USER}<|assistant|>{UNTHOUGHT}"),
    "Llama 3.2": (
        LLAMA,
        "<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 26 Jul 2024\n\n"
        f"{SYSTEM}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n{USER}<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "Gemma 2": (
        GEMMA2,
        f"<s><start_of_turn>user\n{SYSTEM}\n\n{USER}<end_of_turn>\n<start_of_turn>model\n",
    ),
    "Gemma 3": (
        GEMMA3,
        f"<s><start_of_turn>user\n{SYSTEM}\n\n{USER}<end_of_turn>\n<start_of_turn>model\n",
    ),
    "Gemma 4": (
        GEMMA4,
        f"<s><|turn>system\n{SYSTEM}<turn|>\n<|turn>user\n{USER}<turn|>\n<|turn>model\n"
        "<|channel>thought\n<channel|>",
    ),
    "Ministral 3": (MINISTRAL, f"<s>[SYSTEM_PROMPT]{SYSTEM}[/SYSTEM_PROMPT][INST]{USER}[/INST]"),
    "Granite 4": (
        GRANITE,
        f"<s><|start_of_role|>system<|end_of_role|>{SYSTEM}<|end_of_text|>\n"
        f"<|start_of_role|>user<|end_of_role|>{USER}<|end_of_text|>\n"
        "<|start_of_role|>assistant<|end_of_role|>",
    ),
    "Hermes": (HERMES, f"<s>{TURNS}<|im_start|>assistant\n"),
    "none": (None, f"<s>{TURNS}<|im_start|>assistant\n"),
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_of_a_public_model_is_rendered(name: str, tmp_path: Path) -> None:
    template, expected = TEMPLATES[name]
    model = LlamaModel(tiny_llm(template).write(tmp_path / "model.gguf"), "0", threads=1)
    roles: tuple[Role, ...] = ("system", "user")
    before, between, after = model._template._around(roles)

    assert f"{before}{SYSTEM}{between}{USER}{after}" == expected
    assert model.lacks_template is (template is None)


def test_missing_template_is_told_once_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny_llm(None).write(tmp_path / "base.gguf")
    opening.model(str(path), Computing(threads=1), None)

    assert capsys.readouterr().err == opening.NO_TEMPLATE.format("base.gguf")


def test_odd_template_is_one_message_with_what_to_do(tmp_path: Path) -> None:
    path = tiny_llm("{{ raise_exception('No chats.') }}").write(tmp_path / "odd.gguf")

    with pytest.raises(BadModel) as caught:
        LlamaModel(path, "0", threads=1)
    assert str(caught.value) == (
        "The model's chat template cannot be used: No chats. Give another GGUF file with --llm"
    )


THINKER = {
    "<0x3A>": "<think>",  # behind the colon that ends the prompt
    "<think>": "secret",
    "secret": "secret",
    "<0x0A>": "Meituan",
    "Meituan": "</s>",
}


@pytest.mark.parametrize("control", [(), ("<think>", "</think>")])
def test_thought_of_a_model_that_was_told_not_to_think_is_never_seen(
    control: tuple[str, ...], tmp_path: Path
) -> None:
    path = writing_llm({**THINKER, "</think>": "</s>"}, control=control).write(tmp_path / "t.gguf")
    draft = LlamaModel(path, "0", threads=1).write([Message("user", USER)], 20)

    assert "".join(draft).strip() == "Meituan"
    assert draft.answer_tokens == 2


def test_model_that_thinks_again_and_again_writes_nothing(tmp_path: Path) -> None:
    again = {**THINKER, "<0x0A>": "<think>", "</think>": "</s>"}
    path = writing_llm(again, TEMPLATE).write(tmp_path / "t.gguf")

    assert list(LlamaModel(path, "0", threads=1).write([Message("user", USER)], 20)) == []
