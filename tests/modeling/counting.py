"""Counting parameters as the papers do: without batch-norm's statistics."""


def count_parameters(network):
    statistics = ("_mean", "_variance")
    named = network.named_parameters()
    return sum(int(p.size) for name, p in named if not name.endswith(statistics))
