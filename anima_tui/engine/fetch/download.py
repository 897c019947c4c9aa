"""Files from the Hugging Face hub into its own cache, with progress and plain words for what may go wrong.

huggingface_hub begins a file anew after each interruption, which of a large model can mean all of it. Large files are
therefore brought here first, byte after byte where the last time ended, and put where it looks for them.
"""

from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import huggingface_hub
import msgspec
from filelock import FileLock
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HTTPError,  # pyright: ignore[reportPrivateImportUsage]  # of the network library that this version uses
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import build_hf_headers, filter_repo_objects
from tqdm import tqdm

from anima_tui.bodies.catalog import Preset
from anima_tui.bodies.manifest import UNWANTED, WANTED
from anima_tui.errors import BodyUnusable

Tell = Callable[[str, float], None]
"""A stage and the share of it that is done."""

LARGE = 10_000_000
"""Bytes from which on a file is worth resuming."""


def model_config(repo: str, revision: str) -> tuple[int, int, int]:
    """Width of the residual stream, number of layers, longest context in tokens. Raises BodyUnusable."""
    from transformers import AutoConfig

    with told_plainly(repo):
        file = huggingface_hub.hf_hub_download(repo, "config.json", revision=revision or None)
        config = AutoConfig.from_pretrained(Path(file).parent).get_text_config()
    return config.hidden_size, config.num_hidden_layers, config.max_position_embeddings


def download_model(preset: Preset, revision: str, tell: Tell) -> str:
    """Fetch what is missing of the model; returns its commit. Raises BodyUnusable."""
    repo, stage = preset.repo, f"downloading {preset.model}"
    tell(stage, 0.0)
    with told_plainly(repo):
        if not constants.HF_HUB_OFFLINE:
            about = huggingface_hub.HfApi().model_info(repo, revision=revision or None, files_metadata=True)
            revision = about.sha or revision
            sizes = {file.rfilename: file.size or 0 for file in about.siblings or ()}
            wanted = list(filter_repo_objects(sizes, allow_patterns=WANTED, ignore_patterns=UNWANTED))
            total, done = max(1, sum(sizes[name] for name in wanted)), 0
            for name in wanted:
                size, before = sizes[name], done
                if size >= LARGE:
                    _bring(repo, name, revision, lambda share, a=before, b=size: tell(stage, (a + share * b) / total))
                done += size
        folder = Path(
            huggingface_hub.snapshot_download(
                repo, revision=revision or None, allow_patterns=WANTED, ignore_patterns=UNWANTED
            )
        )
    if missing := _missing(folder):
        raise BodyUnusable(f"{repo} lacks {missing}; connect to the hub once, or choose another body.")
    tell(stage, 1.0)
    return folder.name


def hub_file(tell: Callable[[float], None]) -> Callable[..., str]:
    """`huggingface_hub.hf_hub_download`, resuming and telling its progress, for one who knows only that one."""

    def download(repo_id: str, filename: str, subfolder: str | None = None, **options: Any) -> str:
        name = f"{subfolder}/{filename}" if subfolder else filename
        if not constants.HF_HUB_OFFLINE and huggingface_hub.file_exists(repo_id, name):
            _bring(repo_id, name, None, tell)
        return huggingface_hub.hf_hub_download(repo_id, name, **options)

    return download


def _bring(repo: str, name: str, revision: str | None, tell: Callable[[float], None]) -> None:
    """Put one file among the blobs of the hub's cache, beginning where the last time ended."""
    url = huggingface_hub.hf_hub_url(repo, name, revision=revision)
    about = huggingface_hub.get_hf_file_metadata(url)
    assert about.etag is not None
    blobs = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model") / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    blob, part = blobs / about.etag, blobs / f"{about.etag}.part"
    with FileLock(f"{part}.lock"):
        if blob.exists():
            return
        with part.open("ab") as file:
            begun = file.tell()
            http_get(
                url,
                file,
                resume_size=begun,
                headers=build_hf_headers(),
                expected_size=about.size,
                tqdm_class=progress(tell),
            )
        # What is stored as a large file is named by its SHA-256.
        if begun and len(about.etag) == 64 and _sha256(part) != about.etag:
            part.unlink()
            raise BodyUnusable(f"{name} of {repo} arrived damaged and was thrown away; start once more.")
        part.rename(blob)


def _missing(folder: Path) -> str:
    """The first file that a model in `folder` would need; empty when all are there."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return "" if any(folder.glob("*.safetensors")) else "weights in safetensors' format"
    shards = msgspec.json.decode(index.read_bytes(), type=dict[str, Any])["weight_map"].values()
    return next((shard for shard in shards if not (folder / shard).exists()), "")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def progress(tell: Callable[[float], None]) -> type[Any]:
    """The hub's progress bar with its counting and throttling, told to `tell` instead of drawn."""

    class Progress(tqdm):  # pyright: ignore[reportMissingTypeArgument]  # generic in its stubs alone
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*args, **options | {"file": io.StringIO(), "disable": False})

        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            if self.total:
                tell(min(self.n / self.total, 1.0))

        def close(self) -> None:
            self.disable = True  # or it would be displayed once more, at the end of the process too

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
    except HTTPError as error:
        raise BodyUnusable(
            f"the way to the hub broke off while fetching {what} ({error}); start once more, and it goes on from there."
        ) from None
