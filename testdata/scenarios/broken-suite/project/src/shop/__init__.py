from shop.orders import Order

__all__ = ["Order"]
