import pytest

from index.errors import UserError
from qa.weights import manifest
from qa.weights.manifest import ModelSpec


@pytest.mark.parametrize("kind", ["llm", "embedder"])
def test_one_model_of_each_kind_is_the_default(kind: manifest.Kind) -> None:
    chosen = [model for model in manifest.load_manifest() if model.kind == kind and model.default]

    assert chosen == [manifest.default(kind)]


@pytest.mark.parametrize("model", manifest.load_manifest(), ids=lambda model: str(model.name))
def test_wheels_of_the_manifest_add_up_to_the_file(model: ModelSpec) -> None:
    if model.wheels:
        assert sum(wheel.member_bytes for wheel in model.wheels) == model.bytes
    assert len({wheel.sha256 for wheel in model.wheels}) == len(model.wheels)
    for wheel in model.wheels:
        assert wheel.file.startswith(f"{wheel.project.replace('-', '_')}-{wheel.version}-")
        assert wheel.member.startswith(wheel.project.replace("-", "_"))
    for sha in (model.sha256, *(wheel.sha256 for wheel in model.wheels)):
        assert len(bytes.fromhex(sha)) == 32


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match="multilingual-e5-small"):
        manifest.find("gpt-5")
