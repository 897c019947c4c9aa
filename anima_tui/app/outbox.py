"""What the user has said and the engine has not answered yet. Nothing in here is ever lost."""

from __future__ import annotations

from collections import deque


class Outbox:
    """Messages wait here while the engine loads, speaks or sleeps, and are handed out one at a time."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self.answering: str | None = None

    def __len__(self) -> int:
        """Messages that still wait for their turn."""
        return len(self._waiting)

    def add(self, text: str) -> None:
        self._waiting.append(text)

    def take(self) -> str | None:
        """The next message to send, or None while one is being answered or when none waits."""
        if self.answering is None and self._waiting:
            self.answering = self._waiting.popleft()
            return self.answering
        return None

    def answered(self) -> None:
        self.answering = None

    def reclaim(self) -> list[str]:
        """Give back everything unanswered, oldest first, and forget it."""
        unanswered = [self.answering] if self.answering is not None else []
        unanswered += self._waiting
        self._waiting.clear()
        self.answering = None
        return unanswered
