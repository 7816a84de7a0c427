CURRENCY = "EUR"


def with_tax(price, rate=0.19):
    return round(price * (1 + rate), 2)
