"""Packing: deltas.py on torch, to train with what will ship."""

import torch
from torch import Tensor

from qa.extraction.deltas import GROUP, MOST, SHRINKS


def as_packed(values: Tensor) -> Tensor:
    """The numbers as near as four bits tell them, flat, of a multiple of `GROUP`."""
    groups = values.view(-1, GROUP)
    full = groups.abs().amax(1, keepdim=True).clamp_(min=1e-12) / MOST
    best = torch.full_like(full, torch.inf)
    found = torch.zeros_like(groups)
    for shrink in SHRINKS:
        scale = (full * shrink).half().float().clamp_(min=1e-12)
        near = (groups / scale).round_().clamp_(-MOST, MOST).mul_(scale)
        error = (near - groups).square_().sum(1, keepdim=True)
        found = torch.where(error < best, near, found)
        best = torch.minimum(error, best)
    return found.view(-1)
