import sys


def require_redis():
    try:
        import redis
    except ImportError:
        print("redis is required")
        sys.exit(1)
    return redis
