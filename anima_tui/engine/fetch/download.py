"""A model's files from the Hugging Face hub into its own cache, with progress and plain words for what may go wrong."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from tqdm import tqdm

from anima_tui.bodies.catalog import Preset
from anima_tui.bodies.manifest import UNWANTED, WANTED
from anima_tui.errors import BodyUnusable

Tell = Callable[[str, float], None]
"""A stage and the share of it that is done."""


def model_config(repo: str, revision: str) -> tuple[int, int, int]:
    """Width of the residual stream, number of layers, longest context in tokens. Raises BodyUnusable."""
    from transformers import AutoConfig

    with told_plainly(repo):
        file = huggingface_hub.hf_hub_download(repo, "config.json", revision=revision or None)
        config = AutoConfig.from_pretrained(Path(file).parent).get_text_config()
    return config.hidden_size, config.num_hidden_layers, config.max_position_embeddings


def download_model(preset: Preset, revision: str, tell: Tell) -> str:
    """Fetch what is missing of the model; returns its commit. Raises BodyUnusable."""
    stage = f"downloading {preset.model}"
    tell(stage, 0.0)
    with told_plainly(preset.repo):
        folder = huggingface_hub.snapshot_download(
            preset.repo,
            revision=revision or None,
            tqdm_class=progress(lambda share: tell(stage, share)),
            allow_patterns=WANTED,
            ignore_patterns=UNWANTED,
        )
    if not any(Path(folder).glob("*.safetensors")):
        raise BodyUnusable(f"{preset.repo} has no weights in safetensors' format; choose a model that has.")
    return Path(folder).name


def progress(tell: Callable[[float], None]) -> type[Any]:
    """The hub's progress bar with its counting and throttling, told to `tell` instead of drawn."""
    farthest = 0.0

    class Progress(tqdm):  # pyright: ignore[reportMissingTypeArgument]  # generic in its stubs alone
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*args, **options | {"file": io.StringIO(), "disable": False})

        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            nonlocal farthest
            # A snapshot also counts files, and learns only as it goes how many bytes there are.
            if self.unit == "B" and self.total:
                farthest = max(farthest, min(self.n / self.total, 1.0))
                tell(farthest)

    return Progress


@contextmanager
def told_plainly(what: str) -> Generator[None]:
    """Turns what the hub or the disk may refuse into one sentence about `what`: a BodyUnusable."""
    try:
        yield
    except GatedRepoError:
        raise BodyUnusable(
            f"{what} is given only to those who accepted its licence: do so at https://huggingface.co/{what}, "
            "then log in here with `hf auth login`."
        ) from None
    except RepositoryNotFoundError:
        raise BodyUnusable(
            f"the hub has no {what}, or shows it only to its members; mend the name or log in with `hf auth login`."
        ) from None
    except (LocalEntryNotFoundError, OfflineModeIsEnabled):
        raise BodyUnusable(
            f"{what} is not on this machine and the hub cannot be reached; connect to it once, or choose another body."
        ) from None
    except HfHubHTTPError as error:
        raise BodyUnusable(
            f"the hub would not hand out {what} ({str(error).splitlines()[0]}); try again later."
        ) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BodyUnusable(f"there is no room on the disk for {what}; make some and start once more.") from None
        raise BodyUnusable(f"{what} cannot be fetched ({str(error).splitlines()[0]}); start once more.") from None
