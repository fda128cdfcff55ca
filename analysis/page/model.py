"""The document behind a page: sentences, tables and figures in sections, the same for every form it is shown in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from analysis.figures.style import Size

Mark = Literal["", "chosen", "baseline", "fails"]
"""What is said of a whole row of a table."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: words, or a number as people read it with what is known of it."""

    text: str
    beside: str = ""
    """The interval in brackets, in the unit of the text."""
    value: float | None = None
    """The number itself, in the metric's own unit; None for words and for what is undefined."""
    low: float | None = None
    high: float | None = None
    note: str = ""
    """Why there is no number, or no interval: a footnote."""
    is_path: bool = False
    """Whether the text is the dotted path of a parameter, which may go on in another line after each dot."""

    @property
    def whole(self) -> str:
        """The text with the interval."""
        return f"{self.text} {self.beside}".rstrip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    label: str
    unit: str = ""
    is_number: bool = True

    @property
    def whole(self) -> str:
        """The label with the unit: `cost per success (EUR)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; its first cell names it."""

    cells: tuple[Cell, ...]
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    remark: str = ""
    """What has to be known to read it."""

    @property
    def footnotes(self) -> tuple[str, ...]:
        """The notes of its cells, each once, in the order of the cells."""
        return tuple(dict.fromkeys(cell.note for row in self.rows for cell in row.cells if cell.note))


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with what it says in words."""

    title: str
    description: str
    """What it shows, in numbers, for those who do not see it."""
    svg: Callable[[Size], str]
    """Draws it at a size, when a form of the page shows pictures."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Sentences one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A line to type."""

    text: str


Block = Table | Figure | Paragraph | Listing | Command
"""What a section consists of."""


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of the page; one without blocks is not shown."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PageDocument:
    """The whole page."""

    kind: str
    """The verb that made the folder."""
    title: str
    facts: tuple[str, ...]
    """What was done, in a few words each."""
    description: str
    """What the scenario says of itself; may be empty."""
    answer: str
    """The sentence that the page opens with."""
    reasons: tuple[str, ...]
    """Why, and how sure that is."""
    sections: tuple[Section, ...]
