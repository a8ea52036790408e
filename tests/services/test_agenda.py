import random

from tradeassist_desktop.domain.routing import Subject
from tradeassist_desktop.services.routing.agenda import Agenda

A, B = Subject("a", "/ES"), Subject("b", "/ES")


def test_each_subject_comes_once_at_the_time_that_was_asked_for_last() -> None:
    agenda = Agenda()
    agenda.ask(A, 10)
    agenda.ask(B, 20)
    agenda.ask(A, 30)

    at_10, at_20, then, at_30 = (agenda.take(now_ns) for now_ns in (10, 20, 20, 30))

    assert (at_10, at_20, then, at_30) == (None, B, None, A)


def test_a_repeat_hours_away_that_is_asked_for_each_second_takes_no_room() -> None:
    agenda = Agenda()

    for second in range(10_000):
        agenda.ask(A, second)
        agenda.take(second)
        agenda.ask(A, second + 14_400)

    assert len(agenda) < 100
    assert agenda.take(9_999 + 14_400) == A


def test_it_does_what_a_list_of_times_would_do() -> None:
    rng, agenda, plain = random.Random(7), Agenda(), dict[Subject, int]()
    subjects = [Subject(f"rule-{number}", "/ES") for number in range(5)]

    for now in range(3_000):
        subject = rng.choice(subjects)
        match rng.randrange(8):
            case 0:
                agenda.drop(subject)
                plain.pop(subject, None)
            case 1 if rng.random() < 0.1:
                agenda.ask_all(subjects, now)
                plain = dict.fromkeys(subjects, now)
            case _:
                at = now + rng.randrange(50)
                agenda.ask(subject, at)
                plain[subject] = at
        due = {each for each, at in plain.items() if at <= now}
        plain = {each: at for each, at in plain.items() if at > now}
        taken = set(iter(lambda now=now: agenda.take(now), None))

        assert taken == due
        assert agenda.first_ns is None or agenda.first_ns <= min(plain.values(), default=agenda.first_ns)
