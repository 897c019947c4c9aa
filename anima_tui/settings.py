"""Every knob of Anima with its meaning and unit.

Later wins: defaults, `settings.toml`, `ANIMA_*` variables, flags. `ANIMA_SOUL=x` sets `soul`;
`ANIMA_DECODE_TEMPERATURE=0.5` sets `temperature` in `[decode]`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from anima_tui.errors import BadSettings

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
NonNegative = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=1)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of `settings.toml`. An unknown key is an error: a misspelt knob must not be silently ignored."""


class Decode(Section, frozen=True):
    """How the next token is chosen."""

    temperature: NonNegative = 0.5
    """Softmax temperature; 0 always takes the likeliest token."""
    top_p: Share = 0.9
    """Nucleus: the smallest set of tokens whose probability reaches this share."""
    min_p: Share = 0.05
    """Tokens less likely than this share of the likeliest one are never taken."""
    repetition_penalty: Annotated[float, Meta(ge=1.0, le=3.0)] = 1.08
    """Divides the positive logits, and multiplies the negative ones, of tokens seen in the window."""
    repetition_window: Count = 64
    """Tokens of her own reply that the penalty looks back on."""
    max_new_tokens: Count = 240
    """Tokens a reply may have."""
    seed: int | None = None
    """Seed of the sampler; None: a new one each start."""
    threads: Annotated[int, Meta(ge=0)] = 0
    """CPU threads of torch; 0: all cores but one, which is the app's, and four at most."""


class Compute(Section, frozen=True):
    """Where the body lives, and in which numbers it computes."""

    device: Annotated[str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    """auto: the first CUDA device, else Apple's GPU, else the CPU; the embedded body stays on the CPU."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """auto: bfloat16 on a GPU that knows it, else float16; float32 on the CPU."""
    quantization: Literal["none", "8bit", "4bit"] = "none"
    """Linear layers in 8 or 4 bits by bitsandbytes (the extra `quantized`): less memory, a little less exact."""
    devices: Count = 1
    """CUDA devices among which a body too large for one is divided; `body check` says how many it needs."""
    compile: bool = True
    """On CUDA, let torch.compile fuse the decoding step: faster words for a start that takes longer."""


class Reservoir(Section, frozen=True):
    """The Hebbian rule `w <- (1 - decay) w + learning_rate * s * x`."""

    learning_rate: NonNegative = 0.04
    """η, per token."""
    decay: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.002
    """λ, per token; half of a habit is forgotten after ln 2 / λ tokens without valence."""
    budget: Positive = 3.0
    """B: the Euclidean norm of the whole reservoir never exceeds this."""
    baseline_rate: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.02
    """Weight of the newest token in the moving average of valence."""


class Prism(Section, frozen=True):
    """Steering."""

    kappa: Share = 0.4
    """κ: the offset is never longer than this share of the residual it is added to."""
    intent_margin: NonNegative = 0.05
    """Cosine by which another mode must be nearer to the user's words than her own, Anima, before she changes."""


class Metabolism(Section, frozen=True):
    """What talking costs."""

    cost_per_token: NonNegative = 1.0
    """c0: fatigue per generated token."""
    cost_per_surprise: NonNegative = 4.0
    """c1: fatigue per generated token and unit of |valence - baseline|."""
    threshold: Positive = 1500.0
    """Fatigue at which she asks to sleep."""
    rest_half_life_hours: Positive = 12.0
    """Hours of wall-clock rest in which half of the fatigue leaves her."""
    nap_half_life_hours: Positive = 2.0
    """The same while she naps."""
    adrenaline_half_life_hours: Positive = 48.0
    """Hours in which a memory loses half of its adrenaline."""
    loop_similarity: Share = 0.95
    """Cosine between a token's features and their recent mean above which she may be stuck."""
    loop_tokens: Count = 6
    """Tokens in a row above it before the loop guard wakes."""
    loop_gram: Annotated[int, Meta(ge=2)] = 4
    """Length of the token sequences whose repetition counts as a loop."""
    loop_repeats: Annotated[int, Meta(ge=2)] = 4
    """Immediate repetitions of one sequence after which the reply is ended."""


class Memory(Section, frozen=True):
    """What comes to mind. The three weights scale scores that each lie in [0, 1]."""

    relevance: NonNegative = 1.0
    adrenaline: NonNegative = 0.4
    recency: NonNegative = 0.3
    recency_half_life_hours: Positive = 72.0
    recall_count: Annotated[int, Meta(ge=0)] = 4
    """Memory lines that may stand in the system prompt, and as many pinned ones."""
    called_for: Share = 0.5
    """Relevance from which a memory comes to mind in the middle of a conversation, too."""


class Examples(Section, frozen=True):
    """What a body with a phrasebook is shown before the user's words."""

    count: Annotated[int, Meta(ge=0)] = 3
    """Examples in a prompt, at most; 0: none. The farthest are left out first when the context is full."""
    least: NonNegative = 0.35
    """Nearness to the user's first words below which an example is left out; the same words have 1."""
    least_after: NonNegative = 0.5
    """As `least`, for words that follow others: what was said before counts, too."""
    near: Share = 0.7
    """Share of the nearest example's score that another one needs to be shown beside it."""


class Sleep(Section, frozen=True):
    """The night."""

    doze_seconds: NonNegative = 180.0
    """Seconds of silence after which she falls asleep by herself once she is tired; 0: only when sent to bed."""
    nap_seconds: NonNegative = 900.0
    """Seconds of silence after which she naps, which rests her faster; 0: never."""
    memories: Count = 6
    """Memories that she dreams of, by adrenaline."""
    memories_heard: Count = 24
    """Memories of what the user said that one night consolidates, by adrenaline."""
    memories_at_once: Count = 3
    """How many of those she goes over at a time."""
    max_depth: Count = 3
    """Dreams of one night; each grows out of the one before."""
    convergence: Share = 0.9
    """Likeness of consecutive dreams, in words or in features, at which dreaming ends."""
    dream_tokens: Count = 90
    """Tokens one dream may have."""
    dream_budget: Count = 240
    """Tokens all dreams of one night may have."""
    dream_pace: NonNegative = 16.0
    """Tokens per second at which a dream unfolds, so that it can be watched; 0: as fast as she can."""
    downscale: Share = 0.8
    """ρ: what remains of an unproven habit in the morning."""
    evidence_tokens: Count = 10
    """Tokens on which a feature must have fired before its correlation counts as evidence."""
    evidence_correlation: Share = 0.15
    """|Pearson correlation| with valence over the day that protects a habit from downscaling."""
    retries: Annotated[int, Meta(ge=0)] = 2
    """Further attempts at a self-model after the gate refused one, each cooler than the last."""
    reviewed_lines: Count = 3
    """Lines of the self-model that lie open meanwhile: those the words speak of, then the newest."""
    self_lines: Count = 16
    """Mutable lines the self-model may have; beyond, the weakest leave."""


class Display(Section, frozen=True):
    """The app."""

    heatmap_hz: Annotated[float, Meta(gt=0, le=60)] = 12.0
    """Frames per second of the heatmap, at most."""
    chat_hz: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """Times per second that streamed text is laid out, at most."""
    replay_pace: NonNegative = 10.0
    """Tokens per second at which the dreams of a past night are seen once more; 0: all at once."""
    colormap: str = "theme"
    """viridis, cividis, magma, or `theme` for the theme's own."""


class Settings(Section, frozen=True):
    soul: str = "anima"
    """Name of the soul: a folder under `souls`."""
    body: str = "seedling"
    """A preset of the catalogue, or the path of a body's folder."""
    theme: str = "anima-night"
    read_only: bool = False
    """Whether to look in without a lock: turns go on in memory, and nothing is saved."""
    engine: str = ""
    """Where the engine runs: `ssh://[user@]host[:port]`, or the command that starts it. Empty: here."""
    telling_reports: bool = False
    """Whether the report of a crash may quote: what errors say, conversation included, and every setting as it is."""
    compute: Compute = Compute()
    decode: Decode = Decode()
    reservoir: Reservoir = Reservoir()
    prism: Prism = Prism()
    metabolism: Metabolism = Metabolism()
    memory: Memory = Memory()
    examples: Examples = Examples()
    sleep: Sleep = Sleep()
    display: Display = Display()


def load_settings(
    file: Path, environ: Mapping[str, str] = os.environ, flags: Mapping[str, object] | None = None
) -> Settings:
    """Settings in force. `flags` uses dotted names: `{"decode.temperature": 0.2}`. Raises BadSettings."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"{file} cannot be read as settings ({error}); mend it or move it away.") from None
    _check(table, str(file))
    for dotted, value in _from_environment(environ).items():
        _put(table, dotted, value)
    settings = _check(table, "an ANIMA_ variable")
    if flags:
        for dotted, value in flags.items():
            _put(table, dotted, value)
        settings = _check(table, "a flag")
    return settings


def _check(table: dict[str, Any], source: str) -> Settings:
    try:
        # Variables are strings: once they are in the table, "0.5" has to pass for a number.
        return msgspec.convert(table, Settings, strict=source not in ("an ANIMA_ variable", "a flag"))
    except msgspec.ValidationError as error:
        raise BadSettings(f"{source} holds a setting that cannot be used: {error}.") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        dotted: environ[variable]
        for dotted in _dotted_names(Settings)
        if (variable := "ANIMA_" + dotted.replace(".", "_").upper()) in environ
    }


def _dotted_names(section: type[Section], prefix: str = "") -> list[str]:
    names: list[str] = []
    for name, kind in get_type_hints(section).items():
        if isinstance(kind, type) and issubclass(kind, Section):
            names += _dotted_names(kind, f"{prefix}{name}.")
        elif not name.startswith("_"):
            names.append(prefix + name)
    return names


def _put(table: dict[str, Any], dotted: str, value: object) -> None:
    *sections, name = dotted.split(".")
    for section in sections:
        table = table.setdefault(section, {})
    table[name] = value
