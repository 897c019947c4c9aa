"""How people say their name, in the one form that a small body reads best: "my name is Mara"."""

from __future__ import annotations

import re

_FORMS = (
    # Who greets with "i'm Mara" has a name; who says "i'm German" alone need not.
    re.compile(r"^(?i:(?:hi|hey|hello|good \w+)(?: there| anima)?\W+(?:i'?m|i am|this is)) ([A-Z][\w'-]+)"),
    # Nor need "i'm German, by the way": what ends as peoples and faiths do is left alone.
    re.compile(
        r"^(?i:i'?m|i am) ([A-Z](?!\w*(?:ai|an|ch|ek|ese|ew|ic|im|ish|ist|ss)\b)[\w'-]+),?(?i: by the way| btw)\b"
    ),
    re.compile(r"^(?i:call me) ([A-Z][\w'-]+)"),
    re.compile(r"(?i:\bmy name\?\W+(?:(?:oh|well|why)\W+)*it'?s) ([^\W\d_][\w'-]+)"),
)


def introduced(said: str) -> str:
    """`said`, with "my name is" where its speaker tells their name in other words."""
    for form in _FORMS:
        said = form.sub(r"my name is \1", said.strip().replace("’", "'"), count=1)
    return said
