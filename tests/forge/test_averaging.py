"""The body is the mean of the ends of its rounds."""

import torch
from torch import nn

from anima_tui.forge.averaging import Average


def test_the_mean_of_all_rounds_takes_the_place_of_the_last() -> None:
    line, bias = nn.Linear(3, 2), nn.Linear(2, 2)
    average = Average([line, bias])
    for value in (1.0, 2.0, 6.0):
        for parameter in (*line.parameters(), *bias.parameters()):
            nn.init.constant_(parameter, value)
        average.add()
    assert line.weight[0, 0].item() == 6.0
    average.settle()
    for parameter in (*line.parameters(), *bias.parameters()):
        assert torch.allclose(parameter, torch.full_like(parameter, 3.0))
