from shop.billing import invoice


class Order:
    def __init__(self, number, total=0):
        self.number = number
        self.total = total

    def bill(self):
        return invoice(self)
