from shop.feed import PriceFeed

FEED = PriceFeed()


def test_feed():
    assert FEED.connection
