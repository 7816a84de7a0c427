from dataclasses import dataclass


@dataclass
class Order:
    number: int
    total: float = 0.0
