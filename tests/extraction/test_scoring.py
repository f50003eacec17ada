import pytest

from qa.extraction.scoring import Bin, auroc, calibration_error, reliability, token_f1


@pytest.mark.parametrize(
    ("said", "golds", "f1"),
    [
        pytest.param("the 281 million", ["281 million"], 1.0, id="articles do not count"),
        pytest.param("281 million dollars", ["281 million"], 0.8, id="a word too many"),
        pytest.param("a loan", ["281 million", "A loan."], 1.0, id="the best gold counts"),
        pytest.param("王慧文", ["王慧"], 0.8, id="Chinese by characters"),
        pytest.param("पैंथर्स की डिफ़ेन्स", ["डिफ़ेन्स"], 0.5, id="Hindi by words, vowel signs too"),
        pytest.param("no", ["yes"], 0.0, id="nothing shared"),
        pytest.param("", ["yes"], 0.0, id="nothing said"),
    ],
)
def test_token_f1(said: str, golds: list[str], f1: float) -> None:
    assert token_f1(said, golds) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("positive", "negative", "share"),
    [([0.9, 0.8], [0.1, 0.2], 1.0), ([0.1], [0.9], 0.0), ([0.5], [0.5], 0.5), ([3, 1], [2], 0.5)],
)
def test_auroc_is_the_share_of_pairs_in_order(
    positive: list[float], negative: list[float], share: float
) -> None:
    assert auroc(positive, negative) == share


def test_calibration_error_weighs_each_tenth_by_its_count() -> None:
    bins = reliability([0.75, 0.75, 0.75, 0.75, 0.125], [True, True, True, False, True])

    assert bins == [Bin(1, 0.125, 1.0), Bin(4, 0.75, 0.75)]
    assert calibration_error(bins) == pytest.approx(0.2 * 0.875)
