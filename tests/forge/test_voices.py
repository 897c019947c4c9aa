"""A voice is pushed where no prompt names it, along the direction heard where one does."""

import torch

from anima_tui.forge.tokens import MARKS
from anima_tui.forge.voices import Voices, pushed, voices_heard


def test_only_an_unnamed_voice_is_pushed_and_by_its_share_of_the_residual() -> None:
    h = torch.randn(2, 4, 8)
    said = torch.tensor([[0, MARKS["S"], MARKS["named S"], MARKS[""]], [MARKS["A"], 0, 0, MARKS["D"]]])
    directions = torch.nn.functional.normalize(torch.randn(3, 8), dim=1)
    offset = pushed(h, said, torch.tensor([0.1, 0.2]), directions)
    shares = offset.norm(dim=-1) / h.norm(dim=-1)
    assert torch.allclose(shares, torch.tensor([[0.0, 0.1, 0.0, 0.0], [0.2, 0.0, 0.0, 0.2]]), atol=1e-6)
    assert torch.allclose(torch.nn.functional.normalize(offset[0, 1], dim=0), directions[1], atol=1e-6)


def test_the_direction_of_a_voice_is_what_it_has_beyond_the_others() -> None:
    torch.manual_seed(0)
    own = torch.nn.functional.normalize(torch.randn(3, 16), dim=1)
    common = torch.randn(16)
    voices = Voices(16, torch.device("cpu"))
    for _ in range(400):
        h = torch.stack([common + 2 * direction for direction in own])[None] + 0.1 * torch.randn(1, 3, 16)
        said = torch.tensor([[MARKS["named A"], MARKS["named S"], MARKS["named D"]]])
        voices.hear(voices_heard(h, said))
    wanted = torch.nn.functional.normalize(own - own.mean(0), dim=1)
    assert (voices.directions * wanted).sum(1).min() > 0.9
    assert voices.push(1000).max() > 0.25


def test_a_voice_that_was_not_heard_keeps_its_direction() -> None:
    voices = Voices(4, torch.device("cpu"))
    voices.hear(voices_heard(torch.eye(4)[None, :3], torch.tensor([[5, 6, 7]])))
    before = voices.directions
    voices.hear(voices_heard(torch.randn(1, 3, 4), torch.tensor([[0, 1, 2]])))
    assert torch.allclose(voices.directions, before)
