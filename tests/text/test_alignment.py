"""A sentence that repeats the article gets its exact words; one of its own stays as it is."""

import pytest

from qa.text.alignment import quoting, source_wording
from qa.text.marks import plain
from qa.text.repetition import echoes, garbled, loops, repeats, strange, unlooped

DEAL = (
    "On 29 June Meituan bought Light Years Beyond (Guang Nian Zhi Wai) for 2.065 billion yuan in "
    "cash, it said."
)
SLOW = (
    "मई में विज़िट की वृद्धि 2.8% रही, जबकि अप्रैल में यह 12.6% थी, और कंपनी के अनुसार यह साल की "
    "सबसे धीमी वृद्धि है।"
)
ZH = "据统计，2023年5月，ChatGPT的全球访问量仅增长了2.8%，明显放缓。"
ID = "Kunjungan ke ChatGPT hanya naik 2,8% pada bulan Mei, jauh di bawah Maret."
ES = "La empresa Meituan compró Light Years Beyond por 2.065 millones de yuanes, según dijo."


@pytest.mark.parametrize(
    ("sentence", "source", "words"),
    [
        pytest.param(
            "Meituan bought Light Years Beyond (Guang Nian Zhi Wai for 2.065 billion yuan.",
            DEAL,
            "Meituan bought Light Years Beyond (Guang Nian Zhi Wai) for 2.065 billion yuan.",
            id="a dropped bracket comes back",
        ),
        pytest.param(
            "Meitaun bought Ligth Years Beyond for 2.065 billion yuan.",
            DEAL,
            "Meituan bought Light Years Beyond (Guang Nian Zhi Wai) for 2.065 billion yuan.",
            id="slips are mended",
        ),
        pytest.param(
            "मई में विज़िट की वृद्धि 2.8% है।", SLOW, "मई में विज़िट की वृद्धि 2.8% रही।", id="a final है"
        ),
        pytest.param(
            "मई में विज़िट की वृद्धि 2.8%",
            SLOW,
            "मई में विज़िट की वृद्धि 2.8% रही",
            id="the clause is ended",
        ),
        pytest.param(
            "2023年5月，ChatGPT的访问量增长2.8%。",
            ZH,
            "2023年5月，ChatGPT的全球访问量仅增长了2.8%。",
            id="Chinese",
        ),
        pytest.param(
            "Kunjungan ChatGPT naik 2,8% pada Mei.",
            ID,
            "Kunjungan ke ChatGPT hanya naik 2,8% pada bulan Mei.",
            id="Indonesian",
        ),
        pytest.param(
            "Meituan compro Light Years Beyond por 2.065 millones de yuanes.",
            ES,
            "Meituan compró Light Years Beyond por 2.065 millones de yuanes.",
            id="Spanish",
        ),
        pytest.param(
            "We bought it for 5 yuan",
            "He said “we bought it for 5 yuan.” Then he left.",
            "we bought it for 5 yuan.",
            id="no mark of quotation that nothing opens",
        ),
        pytest.param(
            "It was founded by the",
            "It was founded by the co-founder of it",
            "It was founded by the",
            id="half a word is not taken along",
        ),
        pytest.param(DEAL, DEAL, DEAL, id="the same"),
    ],
)
def test_what_repeats_the_article_gets_its_words(sentence: str, source: str, words: str) -> None:
    assert source_wording(sentence, source) == words
    assert source_wording(words, source) == words


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        pytest.param(
            "The price for the whole company was 2.065 billion yuan.", DEAL, id="own words"
        ),
        pytest.param(
            "总价为20.65亿元。", "Harganya sekitar 2,065 miliar yuan.", id="another language"
        ),
        pytest.param("Meituan did.", "Meituan did. It paid.", id="few words"),
        pytest.param(
            "Meituan paid 2.065 billion yuan for it.",
            "Meituan paid 2.065 billion yuan for the firm with all of its many parts, and it left.",
            id="it would break off",
        ),
        pytest.param("one two three four five", "five four three two one", id="another order"),
        pytest.param("a b c d", " ".join(f"a {'x ' * 6}b c {'y ' * 6}d".split()), id="far apart"),
        pytest.param("", "", id="empty"),
        pytest.param("...", "...", id="no words"),
        pytest.param("(((a+)+)+$ [[ b c d", "\\ .*?{1,9} (?P<x>", id="patterns"),
    ],
)
def test_what_is_said_in_its_own_way_stays(sentence: str, source: str) -> None:
    assert source_wording(sentence, source) is None


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ('It was "fast".', 'It was "fast".'),
        ('It was "fast," and "never  slow."', 'It was "fast," and "never  slow."'),
        ('It was "invented".', "It was invented."),
        ("It was “fast” or “made up”.", "It was “fast” or made up."),
        ("它是“快”的，「假」的。", "它是“快”的，假的。"),
        ("कंपनी «तेज़» है।", "कंपनी तेज़ है।"),
        ('An "open quote.', 'An "open quote.'),
        ('Empty "" stays.', 'Empty "" stays.'),
    ],
)
def test_quotation_marks_enclose_only_words_of_the_article(sentence: str, left: str) -> None:
    assert quoting(sentence, ["This is fast,\nnever slow.", "这很快。"]) == left


@pytest.mark.parametrize("text", ["", "3 < 5 > 2", "a <- b", "[sic] (in full)", "x <3"])
def test_text_without_links_and_tags_is_left_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        pytest.param("Solved. Solved. Solved. Solved.", "Solved.", id="sentence"),
        pytest.param("1.2 अरब डालियार अरब डालियार अरब डालियार", "1.2 अरब डालियार", id="hindi"),
    ],
)
def test_a_draft_that_got_stuck_is_cut(draft: str, said: str) -> None:
    assert loops(draft)
    assert unlooped(draft) == said


@pytest.mark.parametrize(
    "draft", ["It rose, and rose, and fell.", "1, 2, 3, 4, 5", "…………………………", ""]
)
def test_a_draft_that_goes_on_is_left_alone(draft: str) -> None:
    assert not loops(draft)
    assert unlooped(draft) == draft


def test_a_question_said_again_is_no_answer() -> None:
    assert repeats("Compare March and April.", "Compare March and April!")
    assert not repeats("March was higher than April.", "Compare March and April!")


@pytest.mark.parametrize(
    ("sentence", "mixed"),
    [("120 रुpees", True), ("ChatGPT की ग्रोथ", False), ("ChatGPT六月", False), ("Lī kāī-फू", False)],
)
def test_letters_of_two_scripts_in_one_word_are_garbled(sentence: str, mixed: bool) -> None:
    assert garbled(sentence) is mixed


def test_words_that_the_article_does_not_use_are_strange() -> None:
    known = "Bank sentral menaikkan suku bunga."

    assert strange("Bank sentral menaikkan suku bunganya.", known) == 0
    assert strange("Kolumbus menemukan benua Amerika.", known) == 1


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Industri yang paling dilindungi adalah industri konstruksi.",
         "Industri apa yang paling dilindungi? Industri konstruksi. Siapa yang bilang begitu?"),
        ("The lab is a lab that may begin.", "What may the lab begin?"),
        ("大模型给出的是结果。", "为什么大模型给出的只是结果而不是答案？"),
    ],
)  # fmt: skip
def test_a_sentence_with_nothing_of_its_own_repeats_the_question(
    sentence: str, question: str
) -> None:
    assert repeats(sentence, question)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Meituan did.", "Who did?"),
        ("IBM did.", "Who did?"),
        ("李。", "谁？"),
        ("It grew by 2.8%.", "By how much did it grow?"),
        ("It was sold in 2018.", "Was it sold in 2017?"),
        ("天云数据大约在2018年提出了AI的概念。", "天云数据大约在哪一年提出了AI的概念？"),
        ("美团收购了光年之外。", "谁收购了光年之外？"),
        ("यह धीमा था।", "यह क्या था?"),
    ],
)
def test_a_sentence_that_adds_something_does_not_repeat(sentence: str, question: str) -> None:
    assert not repeats(sentence, question)


def test_a_sentence_that_begins_with_the_whole_question_echoes_it() -> None:
    question = "किस साल यह हुआ?"

    assert echoes("किस साल यह हुआ: 2018 में हुआ।", question)
    assert not echoes("यह 2018 में हुआ।", question)
    assert not echoes("किस", question)
    asked = "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?"
    assert not echoes("Tingkat pertumbuhan kunjungan ChatGPT pada bulan Mei adalah 2,8%.", asked)


def test_a_sentence_that_ends_in_its_own_way_is_not_completed() -> None:
    source = "Meituan did not buy Light Years Beyond from its owner, who denied all of it."

    assert source_wording("Meituan did not buy Light Years Beyond wholly", source) is None


def test_a_copy_that_was_cut_off_within_a_word_goes_on_as_the_article_does() -> None:
    cut = DEAL[: DEAL.index("illion yuan")]

    assert source_wording(cut, DEAL) == DEAL
