"""Whether an SPDX expression can be satisfied with the licences that someone allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def is_allowed(expression: str, allowed: Iterable[str]) -> bool:
    """Say whether the licences in ``allowed`` are enough to use what ``expression`` covers.

    ``A OR B`` needs one of both, ``A AND B`` needs both; ``A WITH exception`` is allowed where
    ``A`` is, since an exception only permits more. An empty expression is never allowed.

    :param allowed: SPDX identifiers, in any letter case.
    """
    names = frozenset(name.lower() for name in allowed)
    tokens = list(re.findall(r"[()]|[^\s()]+", expression))
    return bool(tokens) and _Expression(iter(tokens), names).alternatives()


class _Expression:
    """A recursive descent over the tokens of one expression; AND binds closer than OR."""

    def __init__(self, tokens: Iterator[str], allowed: frozenset[str]) -> None:
        self._tokens = tokens
        self._allowed = allowed
        self._next = next(tokens, "")

    def alternatives(self) -> bool:
        """Read ``term OR term ...``; every term is read, also after the first that holds."""
        holds = self._conjunction()
        while self._skip("OR"):
            holds = self._conjunction() or holds
        return holds

    def _conjunction(self) -> bool:
        holds = self._term()
        while self._skip("AND"):
            holds = self._term() and holds
        return holds

    def _term(self) -> bool:
        if self._skip("("):
            holds = self.alternatives()
            self._skip(")")
            return holds
        holds = self._take().lower() in self._allowed
        if self._skip("WITH"):
            self._take()
        return holds

    def _take(self) -> str:
        token, self._next = self._next, next(self._tokens, "")
        return token

    def _skip(self, token: str) -> bool:
        if self._next.upper() != token:
            return False
        self._take()
        return True
