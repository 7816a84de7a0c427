from shop.orders import Order


def invoice(order):
    return isinstance(order, Order)
