"""Tokens become text: whole characters only, thoughts told apart from words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenizers.decoders import DecodeStream

OPEN, CLOSE = "<think>", "</think>"


@dataclass(frozen=True)
class Piece:
    text: str
    thought: bool


class Speech:
    """The running text of one reply."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=False)
        self._thinking = False
        self._held = ""
        self.thought = ""
        self.reply = ""

    def hear(self, token: int) -> list[Piece]:
        """The characters that `token` completes; none while a character or a tag is incomplete."""
        try:
            text = self._stream.step(self._tokenizer, token)
        except Exception:  # what the tokenizers library raises for bytes that turn out to be no character
            self._stream = DecodeStream(skip_special_tokens=False)
            text = self._stream.step(self._tokenizer, token)
        return self._split(text or "", final=False)

    def finish(self) -> list[Piece]:
        """What was held back because it might have become a tag."""
        return self._split("", final=True)

    def _split(self, text: str, *, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        text, self._held = self._held + text, ""
        while text:
            tag = CLOSE if self._thinking else OPEN
            before, found, after = text.partition(tag)
            if not found and not final:
                keep = _tag_tail(text, tag)
                before, self._held = text[: len(text) - keep], text[len(text) - keep :]
            self._say(before, pieces)
            if found:
                self._thinking = not self._thinking
            text = after
        return pieces

    def _say(self, text: str, pieces: list[Piece]) -> None:
        if self._thinking:
            text = text if self.thought else text.lstrip()
            self.thought += text
        else:
            text = text if self.reply else text.lstrip()
            self.reply += text
        if text:
            pieces.append(Piece(text, self._thinking))


def _tag_tail(text: str, tag: str) -> int:
    """Length of the longest end of `text` that begins `tag`."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:n])), 0)
