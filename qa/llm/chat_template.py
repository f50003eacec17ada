"""Chat template: messages -> the model's prompt, safe from tokens that text spells out."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.errors import BadModel
from qa.llm.model import Role

if TYPE_CHECKING:
    from llama_cpp import Llama

BRACKETS = ("<", "[")  # what marks of chat templates begin with
SENTINEL = "\ue000{}\ue001"  # private use: stands for a message's content in the chat template


def render(llama: "Llama", roles: Sequence[Role]) -> str:
    """The model's own chat template with a sentinel for each message's content."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    # A model without a template of its own gets ChatML, which most small models know.
    template = llama.metadata.get("tokenizer.chat_template") or (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    formatter = Jinja2ChatFormatter(
        template=template,
        eos_token=_piece(llama, llama.token_eos()),
        bos_token=_piece(llama, llama.token_bos()),
    )
    turns: list[Any] = [
        {"role": role, "content": SENTINEL.format(i)} for i, role in enumerate(roles)
    ]
    try:
        return str(formatter(messages=turns).prompt)
    except Exception as error:  # templates raise what they like for a role they do not know
        if len(turns) < 2 or turns[0]["role"] != "system":
            raise BadModel(f"The model's chat template cannot be used: {error}") from error
        merged: Any = {"role": "user", "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
        return str(formatter(messages=[merged, *turns[2:]]).prompt)


def added_words(llama: "Llama") -> Iterator[str]:
    """Words that the model's makers added to its vocabulary and that are no control tokens."""
    import llama_cpp

    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    for token in range(llama_cpp.llama_vocab_n_tokens(vocabulary)):
        attributes = llama_cpp.llama_vocab_get_attr(vocabulary, token)
        if attributes & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED:
            yield _piece(llama, token)


def _piece(llama: "Llama", token: int) -> str:
    return llama.detokenize([token], special=True).decode(errors="ignore") if token >= 0 else ""
