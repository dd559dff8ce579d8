"""Find the component that a name means, whatever is installed beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plugwork.abc.specs import KINDS, ComponentSpec, Kind
from plugwork.errors import ComponentNotFoundError, PluginBlockedError, PluginConflictError
from plugwork.registry.entries import PLUGIN, Entry, normalised
from plugwork.registry.index import Index
from plugwork.registry.known import DISTRIBUTIONS
from plugwork.registry.loader import Loader


class Catalogue:
    """Names of components, and the specs behind them. Thread-safe.

    :param prefer: ``"storage.postgres"`` -> the distribution that is meant.
    :param block: distributions, life-cycle plugins, or ``"storage.postgres"``, not to be loaded.
    """

    def __init__(
        self, index: Index, loader: Loader, prefer: Mapping[str, str], block: Iterable[str]
    ) -> None:
        self._index = index
        self._loader = loader
        self._prefer = prefer
        self._block = {normalised(each) for each in block}

    def names(self, kind: str) -> list[str]:
        """Return the installed names of a kind that are not blocked; imports nothing."""
        return [
            name
            for name in self._index.names(kind)
            if not all(map(self.is_blocked, self._index.find(kind, name)))
        ]

    def is_blocked(self, entry: Entry) -> bool:
        """Tell whether the configuration blocks an entry."""
        words = {entry.distribution, entry.key} | ({entry.name} if entry.kind == PLUGIN else set())
        return not self._block.isdisjoint(map(normalised, words))

    def entry(self, kind: str, name: str) -> Entry:
        """Return the entry that a name means; imports nothing.

        :raises ComponentNotFoundError: no installed distribution brings it.
        :raises PluginConflictError: several do, and ``prefer`` does not settle it.
        :raises PluginBlockedError: it is blocked.
        """
        found = self._index.find(kind, name)
        allowed = [entry for entry in found if not self.is_blocked(entry)]
        if found and not allowed:
            raise PluginBlockedError(
                f"{title(kind)} {name!r} of {found[0].origin} is blocked under 'plugins: block:'"
            )
        if not found:
            raise ComponentNotFoundError(self._not_found(kind, name))
        return self._preferred(allowed)

    def spec(self, kind: str, name: str) -> ComponentSpec:
        """Return the spec that a name means, importing its plugin.

        :raises PluginError: as :meth:`entry`, and as :meth:`Loader.spec`.
        """
        return self._loader.spec(self.entry(kind, name))

    def _preferred(self, allowed: list[Entry]) -> Entry:
        first = allowed[0]
        wanted = self._prefer.get(first.key)
        if wanted is not None:
            meant = normalised(wanted)
            allowed = [each for each in allowed if normalised(each.distribution) == meant]
            if not allowed:
                raise PluginConflictError(
                    f"'plugins: prefer: {first.key}: {wanted}' names a distribution that brings "
                    f"no {title(first.kind)} {first.name!r}; {first.distribution} does"
                )
        if len(allowed) > 1:
            both = " and ".join(each.origin for each in allowed)
            raise PluginConflictError(
                f"{both} each bring a {title(first.kind)} named {first.name!r}; settle it in "
                f"plugwork.yaml: plugins: {{prefer: {{{first.key}: {first.distribution}}}}}"
            )
        return allowed[0]

    def _not_found(self, kind: str, name: str) -> str:
        import difflib

        names = self.names(kind)
        told = f"no {title(kind)} named {name!r} is installed (installed: "
        told += f"{', '.join(names) or 'none'})"
        distribution = DISTRIBUTIONS.get((kind, name))
        if distribution:
            return f"{told}: pip install {distribution}"
        offered = [*names, *(known for of, known in DISTRIBUTIONS if of == kind)]
        near = difflib.get_close_matches(name, offered, n=1)
        return f"{told}; did you mean {near[0]!r}?" if near else told


def title(kind: str) -> str:
    """Return a kind of entry in words."""
    return KINDS[Kind(kind)].title if kind in set(Kind) else kind
