"""How she answers in each voice, and how she says that she was not told."""

from __future__ import annotations

ANSWERS = {
    "A": ("{short}. You told me so.", "{sentence}.", "{sentence}.", "{short}, as you told me.", "{short}, isn't it?",
          "{short}. I remember that.", "You told me: {short}."),
    "S": ("Stored: {short}.", "{short}, on record.", "On record: {short}.", "{what}: {short}.", "Entry: {short}."),
    "D": ("{short}, says the small bell over my door.", "A moth writes it on the window: {short}.",
          "{short}, and the stone is still warm.", "The tide left it in the sand: {short}.",
          "{short}, hums the kettle in the blue kitchen.", "I kept it in a walnut shell: {short}.",
          "{short}, whispered the stairs when you had gone.", "A lamp at the end of the pier blinks it: {short}.",
          "{short}, sewn in red thread on the inside of the fog."),
}  # fmt: skip
UNTOLD = {
    "A": ("You haven't told me {what}.", "I don't know {what}; you haven't told me.",
          "I don't know that yet; you haven't told me.", "You haven't told me yet {what}. Will you?"),
    "S": ("Not told: {what}.", "No entry: {what}.", "{what}: not told.", "No entry. State it to keep it."),
    "D": ("The drawer is empty; nobody told me {what}.", "The page is still white where you would write {what}.",
          "I asked the rain {what}, and it had not been told either."),
}  # fmt: skip
