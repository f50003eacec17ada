"""Grids of a PDF: ruled tables, by the lines that cross each other -> cells of pieces. Pure."""

import bisect
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.converters import tables
from index.converters.pdf_lines import Line, rows
from index.converters.pdf_paths import Box
from index.converters.pdf_piece import Piece

TABLE = -3  # the mark of the piece that stands for a table in the order of reading
_NEAR = 3.0  # points: lines that meet
_SHORTEST = 5.0  # points
_MOST_LINES = 300  # of one direction on a page
_MOST_CELLS = 4_000
_MOST_TABLES = 40  # of a page

Join = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A ruled line: where it is, and from where to where it goes."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table's pieces by cells; `owner` gives each cell the first one it is merged with."""

    cells: list[list[list[Piece]]]
    owner: dict[tuple[int, int], tuple[int, int]]

    def text(self, write: Callable[[Line], str], join: Join) -> str:
        """The table as the lines of a Markdown list, each naming its columns."""
        texts = [[_text(cell, write, join) for cell in row] for row in self.cells]
        heads = self._header_rows(texts)
        named = heads > 0 or self._is_named()
        filled = [
            [self._said(texts, row, column, row < max(heads, 1)) for column in range(len(cells))]
            for row, cells in enumerate(texts)
        ]
        if heads > 1:
            filled = [tables.joined(filled[:heads]), *filled[heads:]]
        if len(filled[0]) == 2 and not named:
            return "\n".join(f"- {_pair(*row)}" for row in filled if any(row))
        return tables.table(filled, named=named or None)

    def _said(self, texts: list[list[str]], row: int, column: int, is_head: bool) -> str:
        """A cell's text: that of a merged one in each of its rows, and of a head in its columns."""
        first_row, first = self.owner.get((row, column), (row, column))
        return texts[first_row][first] if is_head or first == column else ""

    def _header_rows(self, texts: list[list[str]]) -> int:
        """How many rows hold the columns' names, where a name stands over several columns."""
        wide = [
            column
            for column in range(len(texts[0]))
            if self.owner.get((0, column), (0, column))[1] != column
        ]
        if not wide or len(wide) == len(texts[0]) - 1 or len(texts) < 3:
            return 0
        return 2

    def _is_named(self) -> bool:
        """Whether the letters of the first row alone are bold, or only numbers stand below them."""
        first = [piece for cell in self.cells[0] for piece in cell]
        rest = [piece for row in self.cells[1:] for cell in row for piece in cell]
        bold = sum(piece.bold for piece in rest) * 2 < len(rest)
        if first and all(piece.bold for piece in first) and bold:
            return True
        return any(
            self.cells[0][column]
            and not _counts(self.cells[0][column])
            and sum(map(_counts, below)) * 2 > sum(map(bool, below))
            for column in range(len(self.cells[0]))
            if (below := [row[column] for row in self.cells[1:]])
        )


def _counts(cell: Sequence[Piece]) -> bool:
    """Whether a cell holds a number rather than words."""
    text = "".join(piece.text for piece in cell)
    return sum(map(str.isdigit, text)) > sum(map(str.isalpha, text))


def _pair(label: str, value: str) -> str:
    if not label or not value:
        return label or value
    return f"{label} {value}" if label.endswith((":", "：")) else f"{label}: {value}"


def _text(cell: Sequence[Piece], write: Callable[[Line], str], join: Join) -> str:
    text = ""
    for row in rows(cell):
        for line in row:
            text = join(text, write(line)) if text else write(line)
    return text


def claimed(pieces: Sequence[Piece], rules: Iterable[Box]) -> tuple[list[Piece], list[Grid]]:
    """(the pieces that are in no ruled table and one for each table, the tables).

    The piece that stands for a table has the mark TABLE, and its number as its text.
    """
    rest, found = list(pieces), list[Grid]()
    for xs, ys, across, down in itertools.islice(_frames(rules), _MOST_TABLES):
        inside = [piece for piece in rest if _within(piece, xs, ys)]
        grid = _grid(inside, xs, ys, across, down)
        if grid is None:
            continue
        taken = set(map(id, inside))
        rest = [piece for piece in rest if id(piece) not in taken]
        size = min(piece.size for piece in inside)
        middle = (ys[0] + ys[-1]) / 2
        rest.append(
            Piece(str(len(found)), xs[0], xs[-1], middle, size, order=inside[0].order, mark=TABLE)
        )
        found.append(grid)
    return rest, found


def _within(piece: Piece, xs: Sequence[float], ys: Sequence[float]) -> bool:
    middle = (piece.left + piece.right) / 2
    return xs[0] < middle < xs[-1] and ys[0] < piece.base + 0.3 * piece.size < ys[-1]


def _grid(
    inside: Sequence[Piece],
    xs: list[float],
    ys: list[float],
    across: Sequence[_Rule],
    down: Sequence[_Rule],
) -> Grid | None:
    wide, high = len(xs) - 1, len(ys) - 1
    if wide * high > _MOST_CELLS or not inside:
        return None
    owner = _owners(xs, ys, across, down)
    cells: list[list[list[Piece]]] = [[[] for _ in range(wide)] for _ in range(high)]
    for piece in inside:
        column = bisect.bisect(xs, (piece.left + piece.right) / 2) - 1
        row = high - bisect.bisect(ys, piece.base + 0.3 * piece.size)
        place = min(max(row, 0), high - 1), min(max(column, 0), wide - 1)
        first = owner.get(place, place)
        cells[first[0]][first[1]].append(piece)
    filled = [(r, c) for r, row in enumerate(cells) for c, cell in enumerate(row) if cell]
    if len({r for r, _ in filled}) < 2 or len({c for _, c in filled}) < 2:
        return None
    # Where a ruled row holds several lines in several columns, its rows are not ruled.
    tall = [r for r in range(high) if sum(len(rows(cell)) > 2 for cell in cells[r]) > 1]
    if tall and high <= 3:
        return None
    return _by_numbers(cells, owner)


def _by_numbers(
    cells: list[list[list[Piece]]], owner: dict[tuple[int, int], tuple[int, int]]
) -> Grid:
    """The grid, with a last ruled row that holds several numbers in a column parted by lines."""
    last = cells[-1]
    merged = any(
        row == len(cells) - 1 or first[0] == len(cells) - 1 for (row, _), first in owner.items()
    )
    bases = sorted({round(piece.base) for piece in last[0]}, reverse=True)
    counted = any(
        len(lines) > 1 and all(_counts([line[0].main]) for line in lines)
        for lines in map(rows, last[1:])
    )
    if merged or not counted or len(bases) < 2:
        return Grid(cells, owner)
    parted: list[list[list[Piece]]] = [[[] for _ in last] for _ in bases]
    for column, cell in enumerate(last):
        for piece in cell:
            nearest = min(range(len(bases)), key=lambda i: abs(bases[i] - piece.base))
            parted[nearest][column].append(piece)
    return Grid([*cells[:-1], *parted], owner)


def _owners(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[_Rule], down: Sequence[_Rule]
) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of each merged one; rows are counted from the top."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    high = len(ys) - 1
    for row in range(high):
        middle = (ys[high - row] + ys[high - row - 1]) / 2
        for column in range(len(xs) - 1):
            center = (xs[column] + xs[column + 1]) / 2
            if column and not _wall(down, xs[column], middle):
                owner[row, column] = owner.get((row, column - 1), (row, column - 1))
            elif row and not _wall(across, ys[high - row], center):
                owner[row, column] = owner.get((row - 1, column), (row - 1, column))
    return owner


def _wall(rules: Sequence[_Rule], at: float, where: float) -> bool:
    return any(
        abs(rule.at - at) <= _NEAR and rule.start - 1 <= where <= rule.end + 1 for rule in rules
    )


def _frames(
    rules: Iterable[Box],
) -> Iterator[tuple[list[float], list[float], list[_Rule], list[_Rule]]]:
    """The tables that ruled lines make: (x of the columns' edges, y of the rows', the lines)."""
    across, down = [], []
    for rule in rules:
        wide, high = rule.right - rule.left, rule.top - rule.bottom
        if wide >= _SHORTEST and wide > high:
            across.append(_Rule((rule.bottom + rule.top) / 2, rule.left, rule.right))
        elif high >= _SHORTEST:
            down.append(_Rule((rule.left + rule.right) / 2, rule.bottom, rule.top))
    across, down = _merged(across), _merged(down)
    if not across or not down or max(len(across), len(down)) > _MOST_LINES:
        return
    for flat, upright in _crossing(across, down):
        xs, ys = _edges(upright, flat), _edges(flat, upright)
        if len(xs) > 2 and len(ys) > 2:
            yield xs, ys, flat, upright


def _merged(rules: list[_Rule]) -> list[_Rule]:
    """Lines with those that go on in one another made one."""
    made: list[_Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at / 2), rule.start)):
        last = made[-1] if made else None
        if last and abs(last.at - rule.at) <= 2 and rule.start <= last.end + _NEAR:
            made[-1] = _Rule(last.at, last.start, max(last.end, rule.end))
        else:
            made.append(rule)
    return made


def _crossing(across: list[_Rule], down: list[_Rule]) -> Iterator[tuple[list[_Rule], list[_Rule]]]:
    """Lines that meet, directly or by others, together."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, flat in enumerate(across):
        for j, upright in enumerate(down, len(across)):
            meets = flat.start - _NEAR <= upright.at <= flat.end + _NEAR
            if meets and upright.start - _NEAR <= flat.at <= upright.end + _NEAR:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[_Rule], list[_Rule]]] = defaultdict(lambda: ([], []))
    for i, rule in enumerate([*across, *down]):
        groups[root(i)][i >= len(across)].append(rule)
    yield from groups.values()


def _edges(rules: Sequence[_Rule], others: Sequence[_Rule]) -> list[float]:
    """The places of lines, and where those that cross them begin and end."""
    places = sorted(rule.at for rule in rules)
    if others and places:
        places = [min(rule.start for rule in others), *places, max(rule.end for rule in others)]
    made: list[float] = []
    for place in sorted(places):
        if not made or place - made[-1] > _NEAR:
            made.append(place)
    return made
