from tradeassist_desktop.engine.language import parse, reference
from tradeassist_desktop.engine.language.samples import sample


def test_every_word_has_a_sound_condition_that_shows_it() -> None:
    for word in reference():
        shown = sample(word)

        assert word.word in shown
        parse(shown)
