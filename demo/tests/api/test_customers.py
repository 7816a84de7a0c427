def test_customer(customer):
    assert customer["name"] == "Ann"
