from tradeassist_desktop.feeds.patience import AnswerPatience


def test_two_answers_are_waited_for_shortly_and_then_longer_and_longer() -> None:
    patience = AnswerPatience(first_s=2.5)

    limits = []
    for _ in range(5):
        limits.append(patience.limit_s("SUBS"))
        patience.on_missed("SUBS")

    assert limits == [2.5, 2.5, 5.0, 10.0, 10.0]


def test_an_answer_in_time_makes_it_short_again() -> None:
    patience = AnswerPatience(first_s=2.5)
    for _ in range(4):
        patience.on_missed("SUBS")

    patience.on_answer("SUBS")

    assert patience.limit_s("SUBS") == 2.5


def test_an_answer_to_another_command_shortens_nothing() -> None:
    patience = AnswerPatience(first_s=2.5)
    for _ in range(4):
        patience.on_answer("LOGIN")
        patience.on_missed("SUBS")

    assert (patience.limit_s("LOGIN"), patience.limit_s("SUBS")) == (2.5, 10.0)
