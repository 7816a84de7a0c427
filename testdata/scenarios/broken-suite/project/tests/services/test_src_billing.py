from src.shop.services.billing import Invoice


def test_invoice():
    assert Invoice
