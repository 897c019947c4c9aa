"""What is known of one feature, as text."""

from __future__ import annotations

from textual.content import Content

from anima_tui import wire
from anima_tui.app.widgets.night_text import Inks
from anima_tui.app.widgets.sparkline import rising
from anima_tui.atlas import Atlas, Feature
from anima_tui.text import safe_line

UNREAD = "Contexts, promoted tokens and neighbours come with: anima-tui lab features"


def feature_text(atlas: Atlas, number: int, inks: Inks, pushed: wire.Pushed | None = None) -> Content:
    """Label, what a push made her say, firing, valence, tokens, neighbours (to go to by their digit), contexts."""
    feature = atlas.features[number]
    lines = [
        Content.assemble((f"#{number} ", inks.muted), (safe_line(feature.label) or "no label", f"bold {inks.ink}"))
    ]
    if pushed is not None:
        lines += _said(pushed, inks)
    if not atlas.tokens:
        return Content("\n").join([*lines, Content(""), Content.styled(UNREAD, inks.muted)])
    share = feature.fired / atlas.tokens
    ink = inks.added if feature.valence >= 0 else inks.removed
    lines.append(
        Content.assemble(
            (f"fires on {share:.2%} of {atlas.tokens} tokens · with valence ", inks.muted),
            (f"{feature.valence:+.2f}", ink),
        )
    )
    if feature.time:
        told = " ".join("–" if r is None else f"{r:+.2f}" for r in feature.time)
        lines.append(Content.styled(f"with valence over her life: {told}", inks.muted))
    if feature.fired:
        rows, _ = rising([count / max(feature.histogram) for count in feature.histogram for _ in (0, 1)], 0, 40, 2)
        lines += [Content.styled(row, inks.dream) for row in rows]
        lines.append(Content.styled("levels, from 0 to the 99th percentile", inks.muted))
    lines += _tokens("promotes", feature.promoted, inks.added, inks)
    lines += _tokens("suppresses", feature.suppressed, inks.removed, inks)
    lines += _neighbours(atlas, feature, inks)
    lines += _contexts("where it fires most, in the corpus", feature.contexts, inks)
    lines += _contexts("in your own conversations", feature.own, inks)
    return Content("\n").join(lines)


def _said(pushed: wire.Pushed, inks: Inks) -> list[Content]:
    answers = (("pushed along it", pushed.along, inks.added), ("without", pushed.without, inks.ink),
               ("pushed against it", pushed.against, inks.removed))  # fmt: skip
    said = [Content.assemble((f"{how}  ", inks.muted), (safe_line(words), ink)) for how, words, ink in answers]
    return [Content(""), Content.styled(f"▌ {safe_line(pushed.user)}", inks.dream), *said, Content("")]


def _tokens(title: str, tokens: list[str], ink: str, inks: Inks) -> list[Content]:
    words = "  ".join(safe_line(token) for token in tokens)
    return [Content(""), Content.assemble((f"{title}  ", inks.muted), (words, ink))]


def _neighbours(atlas: Atlas, feature: Feature, inks: Inks) -> list[Content]:
    lines = [Content(""), Content.styled("neighbours", inks.muted)]
    for key, (number, cosine) in enumerate(feature.neighbours, start=1):
        label = safe_line(atlas.features[number].label) or "no label"
        lines.append(
            Content.assemble(
                (f"  {key} ", f"bold {inks.dream}"), (f"#{number} {label} ", inks.ink), (f"{cosine:.2f}", inks.muted)
            )
        )
    return lines


def _contexts(title: str, contexts: list[tuple[float, str]], inks: Inks) -> list[Content]:
    if not contexts:
        return []
    lines = [Content(""), Content.styled(title, inks.muted)]
    for level, text in contexts:
        before, _, rest = safe_line(text).partition("‹")
        token, _, after = rest.partition("›")
        lines.append(
            Content.assemble(
                (f"  {level:.2f} ", inks.muted), (before, inks.ink), (token, f"bold {inks.dream}"), (after, inks.ink)
            )
        )
    return lines
