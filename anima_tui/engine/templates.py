"""Chat templates of every family, made to take what Anima writes: a system message anywhere, or no template at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError

Messages = list[dict[str, str]]

PLAIN = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m.role == 'system' %}{{ m.content + '\n\n' }}"
    "{% elif m.role == 'user' %}{{ 'User: ' + m.content + '\n' }}"
    "{% else %}{{ 'Anima: ' + m.content + '\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Anima:' }}{% endif %}"
)
"""For a model that was never taught to chat: a script, of which it writes the next line."""


class ChatTemplate:
    """A tokenizer's own template. What it cannot take as a system message stands before the user's words instead."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._plain = tokenizer.chat_template is None
        self._first = self._later = True
        self._first = self._takes("system", "user")
        self._later = self._takes("user", "assistant", "system", "user")

    @property
    def markers(self) -> Sequence[str]:
        """What stands before a turn besides special tokens, and so must not stand in anyone's words."""
        return ("User:", "Anima:") if self._plain else ()

    @property
    def ends_at_newline(self) -> bool:
        """Whether a reply is one line, because no token of the model's own ends it."""
        return self._plain

    def render(self, messages: Messages, thinking: bool = False) -> str:
        """`thinking` tells templates that ask for it whether the model may think before it answers."""
        text: str = self._tokenizer.apply_chat_template(
            self._folded(messages),
            chat_template=PLAIN if self._plain else None,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=thinking,
        )
        return text

    def _folded(self, messages: Messages) -> Messages:
        """Each system message that the template would not take becomes the beginning of the next one."""
        folded: Messages = []
        held: list[str] = []
        for message in messages:
            if message["role"] == "system" and not (self._later if folded or held else self._first):
                held.append(message["content"])
            else:
                folded.append(message | {"content": "\n\n".join([*filter(None, held), message["content"]])})
                held.clear()
        return folded

    def _takes(self, *roles: str) -> bool:
        """Whether messages in these roles are rendered, each of them, without complaint."""
        messages = [{"role": role, "content": f"message {i}."} for i, role in enumerate(roles)]
        try:
            text = self.render(messages)
        except TemplateError:
            return False
        return all(message["content"] in text for message in messages)
