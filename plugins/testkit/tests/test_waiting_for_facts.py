from __future__ import annotations

import pytest

from plugwork_testkit.waiting import Eventually


def test_the_first_true_answer_is_returned(eventually: Eventually) -> None:
    answers = iter([0, None, "", "found", "late"])
    assert eventually(lambda: next(answers)) == "found"


def test_what_never_comes_true_is_told_with_the_last_answer(eventually: Eventually) -> None:
    with pytest.raises(AssertionError, match=r"not true after 0 s: .* says \[\]"):
        eventually(list, timeout=0)
