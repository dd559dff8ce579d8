"""The import graph, drawn on a circle: a curve leads from each importer to what it imports."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape

import attrs

from plugwork_environment_audit.relations import ImportEdge

#: Room around the circle, for names.
MARGIN = 145
#: Radius of the circle: what each name on it needs, within bounds.
LEAST_RADIUS, LARGEST_RADIUS, RADIUS_OF_A_NAME = 130, 285, 6
#: More names than this cannot be read on the circle.
MOST = 56
PASSES = 24


@attrs.frozen
class Node:
    """A distribution and its place on the circle."""

    name: str
    #: In radians, clockwise from the top.
    angle: float
    #: Radius of the circle.
    radius: float
    #: Number of edges that meet here.
    degree: int

    def point(self, beyond: float = 0.0) -> tuple[float, float]:
        """Return the place, seen from the middle; ``beyond`` is a distance outwards from it."""
        length = self.radius + beyond
        return length * math.sin(self.angle), -length * math.cos(self.angle)


def import_graph(edges: Sequence[ImportEdge]) -> str:
    """Draw the most connected distributions and the imports between them.

    :returns: SVG; empty when there is no import to draw.
    """
    names = most_connected(edges)
    kept = [edge for edge in edges if edge.importer in names and edge.imported in names]
    if not kept:
        return ""
    nodes = _place(arranged(names, kept), kept)
    numbers = {name: index for index, name in enumerate(nodes)}
    outgoing: dict[str, list[ImportEdge]] = defaultdict(list)
    for edge in kept:
        outgoing[edge.importer].append(edge)
    drawn = "".join(_group(node, outgoing[name], nodes, numbers) for name, node in nodes.items())
    rules = "".join(
        f".graph:has(#p{n}:hover) .t{n}{{stroke:var(--incoming);opacity:1}}"
        for n in range(len(nodes))
    )
    title = f"{len(kept)} imports between {len(nodes)} distributions"
    half = _radius(len(nodes)) + MARGIN
    box = f"{-half} {-half} {2 * half} {2 * half}"
    return (
        f'<svg class="graph" role="img" viewBox="{box}" width="{2 * half}" aria-label="{title}">'
        f"<style>{rules}</style>{drawn}</svg>"
    )


def most_connected(edges: Sequence[ImportEdge], most: int = MOST) -> list[str]:
    """Return the names with the most edges, at most ``most``, in alphabetical order."""
    degrees = _degrees(edges)
    return sorted(sorted(degrees, key=lambda name: (-degrees[name], name))[:most])


def arranged(names: Sequence[str], edges: Sequence[ImportEdge]) -> list[str]:
    """Order names on the circle so that those which import each other are near.

    Each name moves towards the mean place of its neighbours, over and over; the order of names
    settles ties, so that the same edges give the same picture.
    """
    neighbours: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        neighbours[edge.importer].append(edge.imported)
        neighbours[edge.imported].append(edge.importer)
    order = list(names)
    best = order, _length(order, edges)
    for _ in range(PASSES):
        angles = _angles(order)
        order = sorted(order, key=lambda name: (_mean_angle(name, neighbours, angles), name))
        length = _length(order, edges)
        best = min(best, (order, length), key=lambda pair: pair[1])
    return best[0]


def _degrees(edges: Sequence[ImportEdge]) -> dict[str, int]:
    degrees: dict[str, int] = defaultdict(int)
    for edge in edges:
        degrees[edge.importer] += 1
        degrees[edge.imported] += 1
    return degrees


def _angles(order: Sequence[str]) -> dict[str, float]:
    return {name: 2 * math.pi * index / len(order) for index, name in enumerate(order)}


def _mean_angle(
    name: str, neighbours: Mapping[str, Sequence[str]], angles: Mapping[str, float]
) -> float:
    """Return the direction of a name's neighbours, its own place counted as one of them."""
    near = [*neighbours[name], name]
    x = sum(math.cos(angles[each]) for each in near)
    y = sum(math.sin(angles[each]) for each in near)
    return round(math.atan2(y, x) % (2 * math.pi), 6)


def _length(order: Sequence[str], edges: Sequence[ImportEdge]) -> float:
    angles = _angles(order)
    return sum(abs(math.sin((angles[e.importer] - angles[e.imported]) / 2)) for e in edges)


def _place(order: Sequence[str], edges: Sequence[ImportEdge]) -> dict[str, Node]:
    degrees, radius = _degrees(edges), _radius(len(order))
    angles = _angles(order).items()
    return {name: Node(name, angle, radius, degrees[name]) for name, angle in angles}


def _radius(count: int) -> int:
    return min(max(LEAST_RADIUS, RADIUS_OF_A_NAME * count), LARGEST_RADIUS)


def _group(
    node: Node, edges: Sequence[ImportEdge], nodes: Mapping[str, Node], numbers: Mapping[str, int]
) -> str:
    """Draw a distribution with the curves that leave it, so that pointing at it shows them."""
    curves = "".join(_curve(node, nodes[e.imported], e, numbers[e.imported]) for e in edges)
    x, y = node.point()
    dot = 3 + 1.5 * math.sqrt(node.degree)
    return (
        f'<g class="node" id="p{numbers[node.name]}">{curves}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{dot:.1f}"/>{_label(node)}</g>'
    )


def _curve(start: Node, end: Node, edge: ImportEdge, number: int) -> str:
    """Draw an edge, bent towards the middle; broken when the import is only conditional."""
    (x1, y1), (x2, y2) = start.point(), end.point()
    # 0.5 would be a straight line, 0 leads through the middle: neighbours keep to the rim.
    bend = 0.46 - 0.3 * abs(math.sin((start.angle - end.angle) / 2))
    cx, cy = bend * (x1 + x2), bend * (y1 + y2)
    width = min(1 + math.log10(edge.files + 1), 3.5)
    style = "edge" if edge.hard else "edge soft"
    return (
        f'<path class="{style} t{number}" stroke-width="{width:.1f}" '
        f'd="M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {x2:.1f} {y2:.1f}"/>'
    )


def _label(node: Node) -> str:
    """Write the name outwards, never upside down."""
    x, y = node.point(16)
    degrees = math.degrees(node.angle) - 90
    left = node.angle > math.pi
    turn = degrees + 180 if left else degrees
    anchor = "end" if left else "start"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="central" '
        f'transform="rotate({turn:.1f} {x:.1f} {y:.1f})">{escape(_shortened(node.name))}'
        f"<title>{escape(node.name)}</title></text>"
    )


def _shortened(name: str) -> str:
    return name if len(name) <= 19 else f"{name[:18]}…"
