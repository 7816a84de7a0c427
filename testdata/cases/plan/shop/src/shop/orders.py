from shop.billing import invoice


class Order:
    def bill(self):
        return invoice(self)
