"""How much of what was just said is found again in each memory: FTS5's bm25 as a share in [0, 1]."""

from __future__ import annotations

import math
import re
import sqlite3

TERMS = 24  # distinct words of a message that are looked up
LONGEST = 64  # characters of a word; anything longer is noise
ROWS = 5_000  # memories that may be ranked; commoner words say too little to pay for more

_WORD = re.compile(r"\w+")


def words_found(connection: sqlite3.Connection, text: str, limit: int) -> dict[int, float] | None:
    """Memory id -> share, for the `limit` best; None where `text` holds no word that any memory knows.

    FTS5 gives a memory of average length Σ idf over the words that it shares with the query, so dividing by
    Σ idf over the query leaves the share of the query's information that is found again. Words in more
    than half of the memories have no idf to speak of, in any language: no list of stop words is needed.
    """
    counts = _memories_with(connection, _terms(text))
    if not counts:
        return None
    terms = _rarest(counts)
    if not terms:
        return {}
    # Ids are given in a row and rows are kept: the largest is the number of memories.
    total = connection.execute("SELECT ifnull(max(id), 0) FROM memory").fetchone()[0]
    information = sum(_idf(total, counts[term]) for term in terms)
    rows = connection.execute(
        "SELECT rowid, rank FROM memory_words WHERE memory_words MATCH ? ORDER BY rank LIMIT ?",
        (" OR ".join(terms), limit),
    )
    return {row[0]: min(1.0, -row[1] / information) for row in rows}


def beginnings(text: str) -> str:
    """An FTS5 query for what holds, for every word of `text`, one that begins with it; empty where there is none."""
    return " AND ".join(f"{term}*" for term in _terms(text))


def _terms(text: str) -> list[str]:
    """FTS5 string literals. A word holds no quotation mark, so nothing in `text` can act as query syntax."""
    words = (word for word in _WORD.findall(text.lower()) if len(word) <= LONGEST)
    return [f'"{word}"' for word in dict.fromkeys(words)][:TERMS]


def _memories_with(connection: sqlite3.Connection, terms: list[str]) -> dict[str, int]:
    """Term -> number of memories that hold it, counted up to ROWS + 1; unknown words are left out."""
    counts = {
        term: connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM memory_words WHERE memory_words MATCH ? LIMIT ?)",
            (term, ROWS + 1),
        ).fetchone()[0]
        for term in terms
    }
    return {term: count for term, count in counts.items() if count}


def _rarest(counts: dict[str, int]) -> list[str]:
    """The rarest terms that together lead to no more than ROWS memories."""
    terms: list[str] = []
    rows = 0
    for term, count in sorted(counts.items(), key=lambda item: item[1]):
        rows += count
        if rows > ROWS:
            break
        terms.append(term)
    return terms


def _idf(total: int, count: int) -> float:
    """As FTS5 computes it: never negative, and never quite nothing."""
    return max(math.log((total - count + 0.5) / (count + 0.5)) if count < total else 0.0, 1e-6)
