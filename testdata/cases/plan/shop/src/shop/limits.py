import sys

try:
    import redis_server
except ImportError:
    print("a redis server is needed")
    sys.exit(1)

from shop.clock import now


def allowed():
    return now() > 0
