"""What opens people's files and draws print files: a program of its own, confined, that knows neither Django nor a secret.

``workshop`` is the hub's side of it; ``program`` starts on the other side and everything else here runs there (docs/decisions/0008).
"""
