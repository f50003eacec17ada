"""Pickled weights: a model's pytorch_model.bin -> safetensors, without running what a pickle says.

A pickle is a program. torch's reader of weights alone builds tensors and refuses all else, and what
it read is kept as safetensors, so that the pickle is opened once and never again.
"""

from pathlib import Path

from index.errors import BadModel

_METADATA = {"format": "pt"}


def convert(source: Path, target: Path) -> None:
    """Write the tensors of a pickle as safetensors.

    Raises:
        BadModel: it holds anything but tensors.
    """
    import pickle

    import torch
    from safetensors.torch import save_file

    try:
        tensors = torch.load(source, map_location="cpu", weights_only=True, mmap=True)
        save_file({name: value.contiguous() for name, value in tensors.items()}, target, _METADATA)
    except (pickle.UnpicklingError, RuntimeError, ValueError, AttributeError, EOFError) as error:
        target.unlink(missing_ok=True)
        reason = str(error).strip().split("\n", 1)[0]
        raise BadModel(
            f"{source.name} holds something else than weights, and was not opened: {reason}"
        ) from error
    target.chmod(0o644)  # as the files beside it
