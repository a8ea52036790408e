from tradeassist_desktop.feeds.patience import AnswerPatience


def test_two_answers_are_waited_for_shortly_and_then_longer_and_longer() -> None:
    patience = AnswerPatience(first_s=2.5)

    limits = []
    for _ in range(5):
        limits.append(patience.limit_s)
        patience.on_missed()

    assert limits == [2.5, 2.5, 5.0, 10.0, 10.0]


def test_an_answer_in_time_makes_it_short_again() -> None:
    patience = AnswerPatience(first_s=2.5)
    for _ in range(4):
        patience.on_missed()

    patience.on_answer()

    assert patience.limit_s == 2.5
